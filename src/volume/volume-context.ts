// SPDX-License-Identifier: Apache-2.0
import type { EventDraft } from '../events/engine-event.js'
import type { Connection } from '../native/connection.js'
import type { FileLocker } from '../native/file-lock.js'
import type { HelloResult } from '../native/messages.js'
import type { StorePaths } from '../store/store-paths.js'

import type { VolumeDriver } from './volume-driver.js'

/** A container that uses a volume. */
export interface VolumeUser {
  /** Its name. */
  readonly container: string
  readonly volume: string
}

/** What the functions of this folder work with; the engine has it. */
export interface VolumeContext {
  paths(): Promise<StorePaths>
  /** To the supervisor, started if need be. */
  connection(): Promise<Connection>
  host(): Promise<HelloResult>
  /** Of all containers of the store, detached and stopped ones too. */
  users(): Promise<readonly VolumeUser[]>
  /** The plugins, by name. */
  readonly drivers: ReadonlyMap<string, VolumeDriver>
  readonly locker: FileLocker
  publish(event: EventDraft): void
}
