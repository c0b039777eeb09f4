// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** What a `certs.d` directory has for a host: paths of files in PEM form. */
export interface StoredCertificates {
  readonly authorities: readonly string[]
  readonly client: { readonly certificate: string; readonly key: string } | undefined
}

const none: StoredCertificates = { authorities: [], client: undefined }

/**
 * Reads what docker, podman and skopeo know of a host: `*.crt` are authorities, `*.cert` with `*.key` is a certificate of ours
 * (containers-certs.d(5), docker's "Verify repository client with certificates"). The first directory of the host counts.
 */
export async function storedCertificates(hosts: readonly string[]): Promise<StoredCertificates> {
  for (const base of directories()) {
    for (const host of hosts.filter((name) => !name.startsWith('.'))) {
      const directory = join(base, host)
      const names = await readdir(directory).catch(() => null)
      if (names !== null) return certificatesAmong(directory, names.sort())
    }
  }
  return none
}

function directories(): readonly string[] {
  const home = process.env.HOME || homedir()
  const config = process.env.XDG_CONFIG_HOME || join(home, '.config')
  return [
    join(config, 'containers/certs.d'),
    join(config, 'docker/certs.d'),
    '/etc/containers/certs.d',
    '/etc/docker/certs.d',
  ]
}

function certificatesAmong(directory: string, names: readonly string[]): StoredCertificates {
  const at = (name: string) => join(directory, name)
  const keyOf = (name: string) => name.replace(/\.cert$/, '.key')
  const authorities = names.filter((name) => name.endsWith('.crt')).map(at)
  const pair = names.find((name) => name.endsWith('.cert') && names.includes(keyOf(name)))
  return { authorities, client: pair === undefined ? undefined : { certificate: at(pair), key: at(keyOf(pair)) } }
}
