// SPDX-License-Identifier: Apache-2.0
import type { ImageContext } from '../image/image-context.js'
import type { Connection } from '../native/connection.js'
import type { NetworkContext } from '../network/network-context.js'
import type { HostFacts } from '../runtime/host-facts.js'
import type { HeldLock } from '../store/file-locker.js'
import type { VolumeContext } from '../volume/volume-context.js'
import type { ContainerTracker } from './container-tracker.js'
import type { LogDrivers } from './log-driver.js'
import type { SeccompKeys } from './seccomp-keys.js'

/** What the functions of this folder work with; the engine has it. */
export interface ContainerContext {
  readonly tracker: ContainerTracker
  readonly seccomp: SeccompKeys
  readonly volumes: VolumeContext
  readonly networks: NetworkContext
  readonly logDrivers: LogDrivers
  /** Where sockets and locks are; absolute. */
  readonly runRoot: string
  /** Opened with the store at first use. */
  images(): Promise<ImageContext>
  /** Keeps the garbage collection away until released, for whoever makes use of content before that is on record. */
  lease(signal?: AbortSignal): Promise<HeldLock>
  /** The supervisor, started if need be. */
  supervisor(): Promise<Supervising>
  /** The monitor of a detached container, by its socket. */
  monitor(socket: string): Promise<Connection>
}

/** The supervisor, and what it found the host to be. */
export interface Supervising {
  readonly connection: Connection
  readonly facts: HostFacts
}
