// SPDX-License-Identifier: Apache-2.0
import { lookup as lookUp } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'
import { EngineError } from '../errors/engine-error.js'
import { type AddressClass, classOfAddress, classOfHostname } from './address-class.js'

/** The error for a host that is not to be connected to. */
export type AddressRefusal = (hostname: string, kind: Exclude<AddressClass, 'other'>) => EngineError

/**
 * Keeps what strangers say from leading to where only this machine gets: its own loopback and the metadata services of clouds.
 */
export class AddressGuard {
  readonly #allowed: ReadonlySet<AddressClass>
  readonly #refuse: AddressRefusal

  private constructor(allowed: ReadonlySet<AddressClass>, refuse: AddressRefusal) {
    this.#allowed = allowed
    this.#refuse = refuse
  }

  /** The guard for what the registry at that address names: one that is there itself may lead there. */
  static async of(hostname: string): Promise<AddressGuard> {
    return new AddressGuard(new Set<AddressClass>(['other', ...(await classesOf(hostname))]), refuseOfRegistry)
  }

  /** One that lets these pass beside ordinary addresses. */
  static allowing(classes: readonly AddressClass[], refuse: AddressRefusal): AddressGuard {
    return new AddressGuard(new Set<AddressClass>(['other', ...classes]), refuse)
  }

  /** Tells guards apart that let different addresses pass. */
  get key(): string {
    return [...this.#allowed].sort().join(',')
  }

  /** Refuses a host whose address can be seen, before anything is connected. */
  check(hostname: string): void {
    const kind = classOfHostname(hostname)
    if (kind !== null) this.#require(kind, hostname)
  }

  /** A name look-up for sockets that refuses on the addresses found, so that names cannot lie. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    lookUp(hostname, { ...options, all: true }).then(
      (found) => {
        try {
          for (const { address } of found) this.#require(classOfAddress(address), hostname)
        } catch (error) {
          return callback(error as Error, '', 0)
        }
        if (options.all) return callback(null, found)
        return callback(null, found[0]?.address ?? '', found[0]?.family ?? 0)
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    )
  }

  #require(kind: AddressClass, hostname: string): void {
    if (kind !== 'other' && !this.#allowed.has(kind)) throw this.#refuse(hostname, kind)
  }
}

/** What such an address is, for messages. */
export function addressKind(kind: Exclude<AddressClass, 'other'>): string {
  return kind === 'link' ? 'an address of a metadata service or of this link only' : 'this machine itself'
}

function refuseOfRegistry(hostname: string, kind: Exclude<AddressClass, 'other'>): EngineError {
  return new EngineError({
    code: 'ERR_REGISTRY_PROTOCOL',
    message: `the registry leads to ${hostname}, which is ${addressKind(kind)}`,
    hint: 'a registry has no business there; do not trust it',
    step: 'registry',
    object: hostname,
  })
}

async function classesOf(hostname: string): Promise<readonly AddressClass[]> {
  const seen = classOfHostname(hostname)
  if (seen !== null) return [seen]
  const found = await lookUp(hostname, { all: true }).catch(() => [])
  return found.map(({ address }) => classOfAddress(address))
}
