// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { getVolume, listVolumes } from './find-volume.js'
import type { VolumeContext } from './volume-context.js'

/** Everything that is known of a volume. */
export interface VolumeInspection {
  readonly name: string
  /** `local`, or the name of a plugin. */
  readonly driver: string
  readonly labels: Readonly<Record<string, string>>
  /** The driver's. */
  readonly options: Readonly<Record<string, string>>
  readonly createdAt: Date
  /** Whether nobody gave it a name. */
  readonly anonymous: boolean
  /** The most it may hold; null: there is no limit. */
  readonly sizeLimitBytes: number | null
  /** What it holds, on the disk. */
  readonly usedBytes: number
  /** Files, directories and whatever else is in it. */
  readonly entries: number
  /** Where its files are on the host. */
  readonly path: string
  /** Names of the containers that use it, stopped ones included. */
  readonly usedBy: readonly string[]
}

/** Has a worker count what is in it. ERR_VOLUME_NOT_FOUND. */
export async function inspectVolume(
  context: VolumeContext,
  name: string,
  signal?: AbortSignal,
): Promise<VolumeInspection> {
  signal?.throwIfAborted()
  const [record, paths, users] = await Promise.all([getVolume(context, name), context.paths(), context.users()])
  const { driver, labels, options, createdAt, anonymous, sizeBytes } = record
  const { bytes, entries } = await contentOf(context, name, signal)
  return {
    name,
    driver,
    labels,
    options,
    createdAt: new Date(createdAt),
    anonymous,
    sizeLimitBytes: sizeBytes ?? null,
    usedBytes: bytes,
    entries,
    path: paths.volumeData(name),
    usedBy: users.filter(({ volume }) => volume === name).map(({ container }) => container),
  }
}

/** What all volumes take on the disk; reclaimable is what no container uses. */
export interface VolumeUsage {
  readonly count: number
  readonly bytes: number
  readonly reclaimableBytes: number
}

export async function volumeUsage(context: VolumeContext): Promise<VolumeUsage> {
  const usage = { count: 0, bytes: 0, reclaimableBytes: 0 }
  const used = new Set((await context.users()).map(({ volume }) => volume))
  for (const { name } of await listVolumes(context)) {
    const bytes = await bytesOf(context, name)
    usage.count++
    usage.bytes += bytes
    if (!used.has(name)) usage.reclaimableBytes += bytes
  }
  return usage
}

// One that is removed meanwhile counts for nothing.
async function bytesOf(context: VolumeContext, name: string): Promise<number> {
  try {
    return (await contentOf(context, name)).bytes
  } catch (error) {
    if (EngineError.is(error, 'ERR_VOLUME_NOT_FOUND')) return 0
    throw error
  }
}

async function contentOf(context: VolumeContext, name: string, signal?: AbortSignal) {
  const connection = await context.connection()
  const failure = { doing: `measure volume '${name}'` }
  return (await connection.request('volume.usage', { name }, { signal, failure })).result
}
