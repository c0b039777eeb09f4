// SPDX-License-Identifier: Apache-2.0
import { debugLog } from '../util/debug-log.js'
import { Authorizer } from './authorizer.js'
import { type CredentialDriver, credentialsOf } from './credential-driver.js'
import { type CredentialQuery, findCredentials } from './credential-store.js'
import { Endpoint, mayBePlain } from './endpoint.js'
import { HostSettings } from './host-settings.js'
import { checkRepository, dockerHub, dockerHubEndpoint, hostKey, type RepositoryRef } from './registry-host.js'
import type { RegistryAuth, RegistryOptions } from './registry-options.js'
import { identityKey } from './secrets.js'
import { Transport } from './transport.js'

/** Who asks, and whether mirrors will do. */
export interface EndpointQuery {
  readonly auth?: RegistryAuth | undefined
  readonly signal?: AbortSignal | undefined
  readonly mirrors?: boolean | undefined
}

/** The registries and mirrors of one engine: turns hosts into endpoints, and remembers what was learned of them. */
export class Registries {
  readonly transport: Transport
  readonly #settings: HostSettings
  readonly #credentials: CredentialDriver | undefined
  readonly #authorizers = new Map<string, Authorizer>()
  readonly #plainHosts = new Set<string>()

  constructor(hosts: RegistryOptions = {}, credentials?: CredentialDriver) {
    this.#credentials = credentials
    this.#settings = new HostSettings(hosts)
    this.transport = new Transport(this.#settings)
  }

  /** What an option says of the host, beside how it is reached. */
  uploadChunkSize(host: string): string | number | undefined {
    return this.#settings.of(host).uploadChunkSize
  }

  /** The registry itself. */
  origin(ref: RepositoryRef, query: EndpointQuery): Endpoint {
    checkRepository(ref)
    return this.#endpoint(endpointUrl(ref.host), {
      host: hostKey(ref.host),
      mirrorOf: null,
      repository: ref.repository,
      auth: query.auth,
    })
  }

  /** The host's endpoint for what concerns no repository. */
  host(host: string, query: EndpointQuery): Endpoint {
    return this.#endpoint(endpointUrl(host), { host, mirrorOf: null, repository: undefined, auth: query.auth })
  }

  /** The result of the first endpoint that has one: mirrors in their order, then the registry. Only its failure is thrown. */
  async fromFirst<T>(ref: RepositoryRef, query: EndpointQuery, work: (endpoint: Endpoint) => Promise<T>): Promise<T> {
    const origin = this.origin(ref, query)
    const mirrors = query.mirrors === false ? [] : (this.#settings.of(ref.host).mirrors ?? [])
    for (const mirror of mirrors) {
      try {
        return await work(this.#mirror(mirror, ref))
      } catch (error) {
        query.signal?.throwIfAborted()
        debugLog('registry: mirror %s: %s', mirror, error instanceof Error ? error.message : error)
      }
    }
    return await work(origin)
  }

  /** Forgets who we were to a host: somebody logged in or out. */
  forget(host: string): void {
    for (const [key, authorizer] of this.#authorizers) if (key.startsWith(`${host} `)) authorizer.forget()
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await this.transport.close()
  }

  // Credentials for the registry are not a mirror's.
  #mirror(mirror: string, ref: RepositoryRef): Endpoint {
    const base = new URL(mirror.includes('://') ? mirror : `https://${mirror}`)
    const { host, repository } = ref
    return this.#endpoint(base, { host: hostKey(base.host), mirrorOf: hostKey(host), repository, auth: undefined })
  }

  #endpoint(
    base: URL,
    options: {
      readonly host: string
      readonly mirrorOf: string | null
      readonly repository: string | undefined
      readonly auth: RegistryAuth | undefined
    },
  ): Endpoint {
    const { host, mirrorOf, repository, auth } = options
    const key = `${host} ${base.href} ${repository ?? ''} ${identityKey(auth)}`
    const configured = auth ?? this.#settings.of(host).auth
    let authorizer = this.#authorizers.get(key)
    if (authorizer === undefined) {
      const credentials = async () => configured ?? (await this.#find({ host, repository }))
      authorizer = new Authorizer({ transport: this.transport, host, credentials })
      this.#authorizers.set(key, authorizer)
      this.#limitAuthorizers()
    }
    return new Endpoint({
      transport: this.transport,
      authorizer,
      name: host,
      base,
      mirrorOf,
      plainAllowed: mayBePlain(base, this.#settings.of(base.host).plainHttp),
      plainHosts: this.#plainHosts,
    })
  }

  async #find(query: CredentialQuery): Promise<RegistryAuth | undefined> {
    return (this.#credentials && (await credentialsOf(this.#credentials, query))) ?? (await findCredentials(query))
  }

  // A program that lives long meets many repositories; what is forgotten is learned again.
  #limitAuthorizers(): void {
    const [oldest] = this.#authorizers.keys()
    if (this.#authorizers.size > 500 && oldest !== undefined) this.#authorizers.delete(oldest)
  }
}

function endpointUrl(host: string): URL {
  return new URL(`https://${hostKey(host) === dockerHub ? dockerHubEndpoint : host}/`)
}
