// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises'
import { rootCertificates } from 'node:tls'
import { EngineError } from '../errors/engine-error.js'
import { storedCertificates } from './certificate-directories.js'
import { canonicalHost, hostKey } from './registry-host.js'
import type { Pem, RegistryHostOptions, RegistryOptions } from './registry-options.js'

/** What TLS needs to know of a host. */
export interface TlsSettings {
  readonly ca?: string[]
  readonly cert?: string
  readonly key?: string
}

/** The options of hosts, found by the names under which we meet them. */
export class HostSettings {
  readonly #byHost: ReadonlyMap<string, RegistryHostOptions>

  constructor(hosts: RegistryOptions = {}) {
    this.#byHost = new Map(Object.entries(hosts).map(([host, options]) => [canonicalHost(host, 'registries'), options]))
  }

  /** Of a host as URLs have it; a port that goes without saying may be left out or not. */
  of(host: string): RegistryHostOptions {
    const name = namesOf(host).find((candidate) => this.#byHost.has(candidate))
    return (name === undefined ? undefined : this.#byHost.get(name)) ?? {}
  }

  /** Certificates of a host, read from their files where they are given as such; what is not given is looked for in `certs.d`. */
  async tls(host: string): Promise<TlsSettings> {
    const given = this.of(host)
    const { client, authorities: found } = await storedCertificates([...new Set([host, ...namesOf(host)])])
    const ca = given.ca ?? (found.length > 0 ? found : undefined)
    const { clientCertificate = client?.certificate, clientKey = client?.key } = given
    const [authorities, cert, key] = await Promise.all([
      ca === undefined ? undefined : readAuthorities(Array.isArray(ca) ? ca : [ca as Pem]),
      clientCertificate && readPem(clientCertificate, host),
      clientKey && readPem(clientKey, host),
    ])
    return { ...(authorities && { ca: authorities }), ...(cert && { cert }), ...(key && { key }) }
  }
}

function namesOf(host: string): readonly string[] {
  return [hostKey(host), host.replace(/:(443|80)$/, ''), `${host}:443`]
}

async function readAuthorities(given: readonly Pem[]): Promise<string[]> {
  const extra = process.env.NODE_EXTRA_CA_CERTS
  const inherited = extra ? await readFile(extra, 'utf8').catch(() => '') : ''
  const read = await Promise.all(given.map((pem) => readPem(pem, 'ca')))
  return [...rootCertificates, ...(inherited ? [inherited] : []), ...read]
}

async function readPem(pem: Pem, host: string): Promise<string> {
  if (typeof pem !== 'string') return Buffer.from(pem).toString('utf8')
  if (!pem.startsWith('/')) return pem
  try {
    return await readFile(pem, 'utf8')
  } catch (cause) {
    throw new EngineError({
      code: 'ERR_REGISTRY_TLS',
      message: `${host}: ${pem} cannot be read`,
      hint: 'give the absolute path of a file in PEM form, or its text',
      object: pem,
      errno: (cause as NodeJS.ErrnoException).code,
      cause,
    })
  }
}
