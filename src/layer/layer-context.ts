// SPDX-License-Identifier: Apache-2.0
import type { Connection } from '../native/connection.js'
import type { FileLocker } from '../native/file-lock.js'
import type { Store } from '../store/store.js'
import type { UnpackHost } from './layer-work.js'

/** What is needed to make layers; the engine has it. */
export interface LayerContext {
  readonly store: Store
  readonly locker: FileLocker
  /** The supervisor, started if need be: it has the workers, and owns everything below layers/. */
  connection(): Promise<Connection>
  /** What the supervisor said in its hello. */
  host(): Promise<UnpackHost>
}
