// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { asDriverVolume, callDriver, driverOf } from './call-driver.js'
import { getVolume, listVolumes } from './find-volume.js'
import type { VolumeContext } from './volume-context.js'
import { localDriver, type VolumeRecord } from './volume-record.js'

/** Everything that is known of a volume. */
export interface VolumeInspection {
  /** Unique in its engine. */
  readonly name: string
  /** `local`, or the name of a plugin. */
  readonly driver: string
  /** As they were given. */
  readonly labels: Readonly<Record<string, string>>
  /** The driver's. */
  readonly options: Readonly<Record<string, string>>
  /** When it was made. */
  readonly createdAt: Date
  /** Whether nobody gave it a name. */
  readonly anonymous: boolean
  /** The most it may hold; null: there is no limit. */
  readonly sizeLimitBytes: number | null
  /** What it holds, on the disk; null where that cannot be told. */
  readonly usedBytes: number | null
  /** Files, directories and whatever else is in it. */
  readonly entries: number | null
  /** Where its files are on the host; null where they are elsewhere than in the store. */
  readonly path: string | null
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
  const used = await contentOf(context, record, signal)
  return {
    name,
    driver,
    labels,
    options,
    createdAt: new Date(createdAt),
    anonymous,
    sizeLimitBytes: sizeBytes ?? null,
    usedBytes: used?.bytes ?? null,
    entries: used?.entries ?? null,
    path: isInStore(record) ? paths.volumeData(name) : null,
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
  for (const record of await listVolumes(context)) {
    const bytes = await bytesOf(context, record)
    usage.count++
    usage.bytes += bytes
    if (!used.has(record.name)) usage.reclaimableBytes += bytes
  }
  return usage
}

// One that is removed meanwhile, or kept elsewhere, counts for nothing.
async function bytesOf(context: VolumeContext, record: VolumeRecord): Promise<number> {
  if (!isInStore(record)) return 0
  try {
    return (await contentOf(context, record))?.bytes ?? 0
  } catch (error) {
    if (EngineError.is(error, 'ERR_VOLUME_NOT_FOUND')) return 0
    throw error
  }
}

async function contentOf(context: VolumeContext, record: VolumeRecord, signal?: AbortSignal) {
  const driver = driverOf(context, record)
  if (driver) return driver.usage && (await callDriver(record, 'measure', () => driver.usage?.(asDriverVolume(record))))
  if (!isInStore(record)) return undefined
  const { name } = record
  const connection = await context.connection()
  const failure = { doing: `measure volume '${name}'` }
  return (await connection.request('volume.usage', { name }, { signal, failure })).result
}

function isInStore({ driver, options }: VolumeRecord): boolean {
  return driver === localDriver && Object.keys(options).length === 0
}
