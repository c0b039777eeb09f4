// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { quoted } from '../errors/printable.js'
import { readRecordFile, recordNames } from '../store/record-file.js'
import { checkName } from '../util/object-name.js'
import { checkOptions } from '../util/validate.js'
import type { VolumeContext } from './volume-context.js'
import { type VolumeFilter, volumeFilterShape } from './volume-options.js'
import { parseVolumeRecord, type VolumeRecord } from './volume-record.js'

/** The volume of that name; undefined if there is none. ERR_STORE_CORRUPT where its record is damaged. */
export async function findVolume(context: VolumeContext, name: string): Promise<VolumeRecord | undefined> {
  const path = (await context.paths()).volumeRecord(name)
  return await readRecordFile('read volume record', path, (data) => parseVolumeRecord(data, { name, path }))
}

/** The same; ERR_VOLUME_NOT_FOUND, ERR_INVALID_ARGUMENT for what can be no name. */
export async function getVolume(context: VolumeContext, name: unknown): Promise<VolumeRecord> {
  const found = await findVolume(context, checkName(name, 'volume'))
  if (found) return found
  throw new EngineError({
    code: 'ERR_VOLUME_NOT_FOUND',
    message: `there is no volume ${quoted(name)}`,
    object: String(name),
  })
}

/** All that fit, by name. Those whose record is damaged are left out: asked for by name they say so. */
export async function listVolumes(context: VolumeContext, filter: VolumeFilter = {}): Promise<readonly VolumeRecord[]> {
  checkOptions(filter, volumeFilterShape, 'filter')
  const found: VolumeRecord[] = []
  for (const name of await recordNames((await context.paths()).volumes)) {
    filter.signal?.throwIfAborted()
    const record = await undamaged(context, name)
    if (record && fits(record, filter)) found.push(record)
  }
  return found
}

async function undamaged(context: VolumeContext, name: string): Promise<VolumeRecord | undefined> {
  try {
    return await findVolume(context, checkName(name))
  } catch (error) {
    if (EngineError.is(error, 'ERR_STORE_CORRUPT') || EngineError.is(error, 'ERR_INVALID_ARGUMENT')) return undefined
    throw error
  }
}

function fits(record: VolumeRecord, { labels = {}, anonymous }: VolumeFilter): boolean {
  if (anonymous !== undefined && record.anonymous !== anonymous) return false
  return Object.entries(labels).every(
    ([key, value]) => Object.hasOwn(record.labels, key) && record.labels[key] === value,
  )
}
