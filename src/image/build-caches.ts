// SPDX-License-Identifier: Apache-2.0
import { readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { parseJson } from '../store/record-file.js'
import { fileStep, isMissing } from '../store/store-failure.js'
import { readRegularFile } from '../util/atomic-file.js'
import { isId } from '../util/random-id.js'
import type { ImageContext } from './image-context.js'

/** A directory that commands of builds find again (`RUN --mount=type=cache`). */
export interface BuildCache {
  /** As the Dockerfile calls it; the target of its mount where it says nothing. Several that began differently may have the same. */
  readonly id: string
  /** On the disk. */
  readonly sizeBytes: number
  /** When a command was last given it. */
  readonly usedAt: Date
}

const maxRecordBytes = 64 * 1024

/** All of them, the one used last first. */
export async function listBuildCaches(context: ImageContext): Promise<readonly BuildCache[]> {
  const { paths } = context.store
  const caches: BuildCache[] = []
  for (const name of await cacheNames(context)) {
    const path = paths.buildCacheRecord(name)
    const [bytes, found] = await Promise.all([
      readRegularFile(path, maxRecordBytes).catch(() => null),
      stat(path).catch(() => null),
    ])
    const record = bytes && (parseJson(Buffer.from(bytes)) as { id?: unknown } | undefined)
    if (!found || typeof record?.id !== 'string') continue
    caches.push({ id: record.id, sizeBytes: await sizeOf(context, name), usedAt: found.mtime })
  }
  return caches.sort((one, other) => other.usedAt.getTime() - one.usedAt.getTime())
}

/** Removes them all; the bytes that they had. Call it while nobody builds. */
export async function removeBuildCaches(context: ImageContext): Promise<number> {
  let bytes = 0
  const names = await cacheNames(context)
  for (const name of names) {
    bytes += await sizeOf(context, name)
    const connection = await context.connection()
    await connection.request('build.forget', { cache: name }, { failure: { doing: 'remove a cache of builds' } })
  }
  if (names.length === 0) return bytes
  const { locks } = context.store.paths
  const left = await fileStep('list', locks, () => readdir(locks))
  for (const name of left) if (/^cache-[0-9a-f]{64}-/.test(name)) await removeLock(join(locks, name))
  return bytes
}

// Also of one whose removal was cut short.
async function cacheNames({ store }: ImageContext): Promise<readonly string[]> {
  const directory = store.paths.buildCaches
  const names = await fileStep('list', directory, async () => {
    return await readdir(directory).catch((error) => {
      if (isMissing(error)) return []
      throw error
    })
  })
  return [...new Set(names.map((name) => name.replace(/\.gone$/, '')))].filter((name) => isId(name))
}

async function sizeOf(context: ImageContext, cache: string): Promise<number> {
  const connection = await context.connection()
  const failure = { doing: 'measure a cache of builds' }
  return (await connection.request('build.usage', { cache }, { failure })).result.bytes
}

async function removeLock(path: string): Promise<void> {
  await fileStep('remove lock', path, async () => {
    await unlink(path).catch((error) => {
      if (!isMissing(error)) throw error
    })
  })
}
