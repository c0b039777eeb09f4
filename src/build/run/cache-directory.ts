// SPDX-License-Identifier: Apache-2.0
import { mkdir, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { LayerContext } from '../../layer/layer-context.js'
import { type Digest, digestOf } from '../../oci/digest.js'
import { fileStep, isMissing } from '../../store/store-failure.js'
import { layerName } from '../../store/store-paths.js'
import { writeFileAtomic } from '../../util/atomic-file.js'
import type { UndoStack } from '../../util/undo-stack.js'

/** Which cache is wanted. What it begins with is part of what it is: another beginning is another cache. */
export interface CacheRequest {
  readonly id: string
  /** Who may use it at the same time: all; each a directory of its own; one after the other. */
  readonly sharing: 'shared' | 'private' | 'locked'
  /** What it begins with, the lowest first; nothing: it is empty. */
  readonly layers: readonly Digest[]
  /** Absolute, in these. */
  readonly source: string
  readonly uid?: number | undefined
  readonly gid?: number | undefined
  readonly mode?: number | undefined
}

/**
 * The directory of a cache below the store's cache/build/, made where it is missing, and held until `undo` lets it go, or until this process
 * ends: whoever removes caches has to have its locks alone. Waits for `locked` ones, or rejects with the signal's reason. The caller holds a
 * lease for the layers.
 */
export async function openCacheDirectory(
  context: LayerContext,
  request: CacheRequest,
  undo: UndoStack,
  signal?: AbortSignal,
): Promise<string> {
  const name = nameOf(request)
  const number = await hold(context, { name, sharing: request.sharing }, undo, signal)
  const path = join(context.store.paths.buildCache(name), String(number))
  if (!(await exists(path))) await make(context, { name, number, request }, signal)
  const now = new Date()
  await utimes(context.store.paths.buildCacheRecord(name), now, now).catch(() => {})
  return path
}

function nameOf({ id, layers, source, uid, gid, mode }: CacheRequest): string {
  const beginning = layers.length > 0 || uid !== undefined || gid !== undefined || mode !== undefined
  const parts = beginning ? [id, layers, layers.length > 0 ? source : null, uid, gid, mode] : [id]
  return layerName(digestOf(`build cache ${JSON.stringify(parts)}`))
}

// The number of the directory that is held.
async function hold(
  { locker, store }: LayerContext,
  { name, sharing }: { readonly name: string; readonly sharing: CacheRequest['sharing'] },
  undo: UndoStack,
  signal: AbortSignal | undefined,
): Promise<number> {
  for (let number = 0; ; number++) {
    const lock = store.paths.buildCacheLock(name, number)
    const held =
      sharing === 'private'
        ? await locker.tryLock(lock, 'exclusive')
        : await locker.lock(lock, sharing === 'locked' ? 'exclusive' : 'shared', { signal })
    if (held === null) continue
    undo.push('cache', () => held.release())
    return number
  }
}

interface Making {
  readonly name: string
  readonly number: number
  readonly request: CacheRequest
}

// One at a time, also where all may use it.
async function make(context: LayerContext, { name, number, request }: Making, signal?: AbortSignal): Promise<void> {
  const { paths } = context.store
  const held = await context.locker.lock(paths.buildCacheLock(name, 'new'), 'exclusive', { signal })
  try {
    const directory = paths.buildCache(name)
    await fileStep('make cache', directory, () => mkdir(directory, { recursive: true, mode: 0o700 }))
    const record = paths.buildCacheRecord(name)
    const text = JSON.stringify({ id: request.id, sharing: request.sharing })
    await fileStep('make cache', record, () => writeFileAtomic(record, text, { sync: false }))
    const { layers, source, uid, gid, mode } = request
    const message = { cache: name, number, layers: layers.map(layerName), source, uid, gid, mode }
    const connection = await context.connection()
    await connection.request('build.cache', message, { signal, failure: { doing: `make the cache ${request.id}` } })
  } finally {
    await held.release()
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}
