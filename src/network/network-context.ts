// SPDX-License-Identifier: Apache-2.0
import type { EventDraft } from '../events/engine-event.js'
import type { Connection } from '../native/connection.js'
import type { StorePaths } from '../store/store-paths.js'
import type { LoopbackFallback } from './loopback-fallback.js'

/** A container that is on a network. */
export interface NetworkMember {
  /** Its name. */
  readonly container: string
  /** The network's id. */
  readonly network: string
}

/** What the functions of this folder work with; the engine has it. */
export interface NetworkContext {
  paths(): Promise<StorePaths>
  /** To the supervisor, started if need be. */
  connection(): Promise<Connection>
  /** Of all containers of the store, detached and stopped ones too. */
  members(): Promise<readonly NetworkMember[]>
  /** Alone among all processes that make or remove networks of this store. */
  exclusively<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>
  publish(event: EventDraft): void
  /** For containers that name no network. */
  readonly fallback: LoopbackFallback
}
