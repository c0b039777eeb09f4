// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path'
import { withLock } from '../../store/file-locker.js'
import type { ProjectIdentity } from './running-project.js'

/** Runs `work` while no other call, of this or another process, changes the project. The lock ends with its process. */
export async function whileLocked<T>(
  { engine, origin }: ProjectIdentity,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const { store, locker } = await engine.core.images()
  const path = join(store.paths.locks, `project-${origin.name}.lock`)
  return await withLock(locker, { path, mode: 'exclusive', signal }, work)
}
