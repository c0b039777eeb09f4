// SPDX-License-Identifier: Apache-2.0
import { fileStep } from '../store/store-failure.js'
import { writeFileAtomic } from '../util/atomic-file.js'
import type { VolumeContext } from './volume-context.js'
import type { VolumeRecord } from './volume-record.js'

/** Replaces the record of a volume that is there. */
export async function writeVolumeRecord(context: VolumeContext, record: VolumeRecord): Promise<void> {
  const path = (await context.paths()).volumeRecord(record.name)
  await fileStep('write volume record', path, () => writeFileAtomic(path, JSON.stringify(record)))
}

/** The record of one with which nothing is being done any more. */
export function settled({ pending: _, ...record }: VolumeRecord): VolumeRecord {
  return record
}
