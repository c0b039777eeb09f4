// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '../oci/digest.js'
import type { BuildRecords, StoredBuildRecord } from './build-records.js'

/** Which records to let go. */
export interface EvictBuildsOptions {
  /** How many bytes of unpacked files the records may hold on to; of what is more, the records used longest ago go first. */
  readonly keepBytes?: number | undefined
  /** Those that were last used before go in any case. */
  readonly until?: Date | undefined
  /** Layers that stay anyway, since images have them: they cost nothing. */
  readonly kept?: ReadonlySet<Digest> | undefined
}

/** Removes records, and not their layers: those are garbage then. Call it while nobody builds; the keys of what went. */
export async function evictBuilds(builds: BuildRecords, options: EvictBuildsOptions): Promise<readonly Digest[]> {
  const gone = evicted(await builds.list(), options)
  for (const key of gone) await builds.remove(key)
  await builds.sweep()
  return gone
}

/** The keys of those to let go; the records come in the order of use, the latest first. */
export function evicted(records: readonly StoredBuildRecord[], options: EvictBuildsOptions): readonly Digest[] {
  const { keepBytes = Number.POSITIVE_INFINITY, until, kept } = options
  const counted = new Set<Digest>(kept)
  const gone: Digest[] = []
  let bytes = 0
  for (const { key, layers, usedMs } of records) {
    const added = layers.filter(({ diffId }) => !counted.has(diffId))
    const size = added.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    if (bytes + size > keepBytes || (until && usedMs < until.getTime())) {
      gone.push(key)
      continue
    }
    for (const { diffId } of added) counted.add(diffId)
    bytes += size
  }
  return gone
}
