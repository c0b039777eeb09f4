// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { LayerContext } from '../../layer/layer-context.js'
import { digestOf } from '../../oci/digest.js'
import { layerName } from '../../store/store-paths.js'

/** Who may use a cache at the same time: all; each a directory of its own; one after the other. */
export type CacheSharing = 'shared' | 'private' | 'locked'

/** A directory that commands of later builds find again. */
export interface CacheDirectory {
  readonly path: string
  /** Lets others have it. Ends with this process in any case. */
  release(): Promise<void>
}

/**
 * The directory of that id below the store's cache/, made where it is missing, and held: whoever removes caches has to have its lock alone. Waits
 * for `locked` ones, or rejects with the signal's reason.
 */
export async function openCacheDirectory(
  context: LayerContext,
  { id, sharing }: { readonly id: string; readonly sharing: CacheSharing },
  signal?: AbortSignal,
): Promise<CacheDirectory> {
  const name = layerName(digestOf(`build cache ${id}`))
  const { paths } = context.store
  for (let number = 0; ; number++) {
    const lock = join(paths.locks, number === 0 ? `cache-${name}.lock` : `cache-${name}-${number}.lock`)
    const held =
      sharing === 'private'
        ? await context.locker.tryLock(lock, 'exclusive')
        : await context.locker.lock(lock, sharing === 'locked' ? 'exclusive' : 'shared', { signal })
    if (held === null) continue
    const path = join(paths.cache, 'build', name, String(number))
    try {
      // Whatever the umask: programs of other users than root may be allowed to look into it.
      if ((await mkdir(path, { recursive: true })) !== undefined) await chmod(path, 0o755)
    } catch (error) {
      await held.release()
      throw error
    }
    return { path, release: () => held.release() }
  }
}
