// SPDX-License-Identifier: Apache-2.0
import { promisify } from 'node:util'
import { EngineError } from '../../errors/engine-error.js'
import { quoted } from '../../errors/printable.js'
import { AddressGuard, addressKind } from '../../registry/address-guard.js'
import { proxyFor } from '../../registry/proxy.js'
import { withoutCredentials } from './git-address.js'

/**
 * Refuses a repository at an address that a stranger has named and that leads to this machine itself or to the services of its cloud: ERR_ADD_FAILED. A host that is not found is
 * left for git to say.
 */
export async function guardHost(remote: string): Promise<void> {
  const host = hostOf(remote)
  if (host === null) return
  const address = withoutCredentials(remote)
  const guard = AddressGuard.allowing([], (hostname, kind) =>
    refused(address, `${hostname}, which is ${addressKind(kind)}`),
  )
  guard.check(host)
  // Behind a proxy, that one finds it.
  if (/^https?:/i.test(address) && URL.canParse(address) && proxyFor(new URL(address))) return
  await promisify(guard.lookup)(host, { all: true }).catch((error) => {
    if (EngineError.is(error)) throw error
  })
}

function hostOf(remote: string): string | null {
  const [, host] = /^[a-z]+:\/\/(?:[^/@]*@)?(\[[^\]]*\]|[^/:]*)/i.exec(remote) ?? /^[^@/]*@([^:/]*):/.exec(remote) ?? []
  return host === undefined || host === '' ? null : host.replace(/^\[(.*)\]$/, '$1')
}

function refused(address: string, where: string): EngineError {
  return new EngineError({
    code: 'ERR_ADD_FAILED',
    message: `${quoted(address, 300)} cannot be fetched: it leads to ${where}`,
    hint: "a build has no business there, unless you give it the host's network: network: 'host'",
    object: address,
  })
}
