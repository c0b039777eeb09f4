// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { quoted } from '../errors/printable.js'
import { checkOptions } from '../util/validate.js'
import { asDriverVolume, callDriver, driverOf } from './call-driver.js'
import { isMountedByDriver } from './driver-mounts.js'
import { findVolume, listVolumes } from './find-volume.js'
import type { VolumeContext } from './volume-context.js'
import type { VolumeDriver } from './volume-driver.js'
import { type PruneVolumesOptions, pruneVolumesShape } from './volume-options.js'
import { localDriver, type VolumeRecord } from './volume-record.js'
import { settled, writeVolumeRecord } from './write-record.js'

/** Removes it with everything in it. ERR_VOLUME_IN_USE names a container that uses it, running or not. */
export async function removeVolume(context: VolumeContext, name: string, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  const record = await findVolume(context, name)
  const driver = record && driverOf(context, record)
  if (driver) await removeByDriver(context, record, driver)
  else await dropVolume(context, name)
  context.publish({ type: 'volume', action: 'remove', object: name })
}

/** Removes what the store has of it. */
export async function dropVolume(context: VolumeContext, name: string): Promise<void> {
  const connection = await context.connection()
  try {
    await connection.request('volume.remove', { name }, { failure: { doing: `remove volume '${name}'` } })
  } catch (error) {
    throw EngineError.is(error, 'ERR_VOLUME_IN_USE') ? inUse(name, error.object, error) : error
  }
}

// The record last: as long as it is there, a removal that was cut off can be done again.
async function removeByDriver(context: VolumeContext, record: VolumeRecord, driver: VolumeDriver): Promise<void> {
  await writeVolumeRecord(context, { ...record, pending: 'remove' })
  try {
    const mounted = await isMountedByDriver(context, record)
    const user = (await context.users()).find(({ volume }) => volume === record.name)
    if (mounted || user) throw inUse(record.name, user?.container)
    await callDriver(record, 'remove', () => driver.remove(asDriverVolume(record)))
  } catch (error) {
    await writeVolumeRecord(context, record.pending === 'create' ? record : settled(record))
    throw error
  }
  await dropVolume(context, record.name)
}

/** Removes those that no container uses; returns their names. */
export async function pruneVolumes(
  context: VolumeContext,
  options: PruneVolumesOptions = {},
): Promise<readonly string[]> {
  checkOptions<PruneVolumesOptions>(options, pruneVolumesShape)
  const { all = false, labels, until, signal } = options
  const removed: string[] = []
  for (const volume of await listVolumes(context, { labels, signal, ...(!all && { anonymous: true }) })) {
    signal?.throwIfAborted()
    if (until && Date.parse(volume.createdAt) >= until.getTime()) continue
    if (await removedUnused(context, volume)) removed.push(volume.name)
  }
  return removed
}

async function removedUnused(context: VolumeContext, { name, driver }: VolumeRecord): Promise<boolean> {
  // Another engine's plugin has it.
  if (driver !== localDriver && !context.drivers.has(driver)) return false
  try {
    await removeVolume(context, name)
    return true
  } catch (error) {
    if (EngineError.is(error, 'ERR_VOLUME_IN_USE') || EngineError.is(error, 'ERR_VOLUME_NOT_FOUND')) return false
    throw error
  }
}

function inUse(name: string, container: string | undefined, cause?: unknown): EngineError {
  const user = container ? `container ${quoted(container)}` : 'a container that is just being made'
  return new EngineError({
    code: 'ERR_VOLUME_IN_USE',
    message: `the volume ${quoted(name)} is used by ${user}`,
    object: name,
    hint: 'remove the container first',
    ...(cause !== undefined && { cause }),
  })
}
