// SPDX-License-Identifier: Apache-2.0
import { readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { withLock } from '../store/file-locker.js'
import { fileStep } from '../store/store-failure.js'
import type { ImageContext } from './image-context.js'
import { isPartial, sweepPartials } from './pull-partial.js'

/** How the marks of pulls are called. */
export const pullMark = 'pulling'

// How long what an interrupted pull left is kept for the next one.
const keptMs = 24 * 3_600_000

/** Which of the files in cache/ are what interrupted pulls left, and too old to be gone on from. */
export async function abandonedPulls({ store }: ImageContext, names: readonly string[]): Promise<readonly string[]> {
  const before = Date.now() - keptMs
  const abandoned: string[] = []
  for (const name of names) {
    if (!isPartial(name) && !isPullMark(name)) continue
    const found = await stat(join(store.paths.cache, name)).catch(() => null)
    if (found && found.mtimeMs <= before) abandoned.push(name)
  }
  return abandoned
}

/** Throws away the parts of blobs that interrupted pulls left; waits for pulls to end. Returns the bytes. */
export async function prunePartials({ store, locker }: ImageContext, signal?: AbortSignal): Promise<number> {
  const lock = { path: store.paths.lock('garbage'), mode: 'exclusive', signal } as const
  return await withLock(locker, lock, async () => {
    const { cache } = store.paths
    for (const name of await fileStep('list', cache, () => readdir(cache))) {
      if (isPullMark(name)) await unlink(join(cache, name)).catch(() => {})
    }
    return await sweepPartials(store.paths)
  })
}

function isPullMark(name: string): boolean {
  return name.startsWith(`${pullMark}-`)
}
