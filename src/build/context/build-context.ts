// SPDX-License-Identifier: Apache-2.0
import type { OwnedDescriptor } from '../../native/descriptor.js'

/** The files that a build may copy from: a directory that is held open, whatever happens to its path. */
export interface BuildContext {
  readonly root: OwnedDescriptor
  /** What messages call it. */
  readonly name: string
  /** Lets go of it, and removes what was written for it. Happens once. */
  close(): Promise<void>
}
