// SPDX-License-Identifier: Apache-2.0
import { eachInParallel } from '../../layer/parallel.js'
import type { Descriptor } from '../../oci/descriptor.js'
import type { Digest } from '../../oci/digest.js'
import { manifestToJson, maxLayers } from '../../oci/manifest.js'
import { mediaTypes } from '../../oci/media-types.js'
import type { Store } from '../../store/store.js'
import { cacheConfigType, cacheDocumentToJson } from './cache-document.js'
import { CacheTable } from './cache-table.js'
import type { CollectedCache, LayerOffer } from './collect-records.js'

/** A place that takes a cache. */
export interface CacheTarget {
  /** What warnings call it. */
  readonly name: string
  /** Whether it has that blob already. */
  has(blob: Descriptor, signal: AbortSignal): Promise<boolean>
  /** Takes blobs, all in the store, and then the manifest that replaces the one before. */
  write(cache: CacheToWrite, signal: AbortSignal): Promise<void>
}

/** A cache as it is written. */
export interface CacheToWrite {
  readonly manifest: Descriptor
  readonly bytes: Buffer
  readonly config: Descriptor
  /** All layers of the manifest. */
  readonly layers: readonly Descriptor[]
  /** Those of them that the target did not have, when it was asked. */
  readonly missing: readonly Descriptor[]
}

// Packing takes a processor each.
const preparedAtOnce = 2

/** Brings results to a place. False: there were more layers than a manifest takes, and some results were left out. The caller holds a lease. */
export async function writeCache(
  store: Store,
  { records, offers }: CollectedCache,
  target: CacheTarget,
  signal: AbortSignal,
): Promise<boolean> {
  const table = new CacheTable()
  let isWhole = true
  for (const record of records) {
    const blobs = new Set([...table.blobs, ...record.layers.map(({ diffId }) => diffId)])
    if (blobs.size <= maxLayers) table.add(record)
    else isWhole = false
  }
  const wanted = table.blobs.map((diffId) => offers.get(diffId) as LayerOffer)
  const { layers, missing } = await blobsOf(wanted, target, signal)
  const document = Buffer.from(JSON.stringify(cacheDocumentToJson(table.document)))
  const config = { mediaType: cacheConfigType, ...(await store.blobs.put(document)) }
  const mediaType = mediaTypes.manifest
  const bytes = Buffer.from(manifestToJson({ schemaVersion: 2, mediaType, config, layers }))
  const manifest = { mediaType, ...(await store.blobs.put(bytes)) }
  await target.write({ manifest, bytes, config, layers, missing }, signal)
  return isWhole
}

async function blobsOf(
  offers: readonly LayerOffer[],
  target: CacheTarget,
  signal: AbortSignal,
): Promise<Pick<CacheToWrite, 'layers' | 'missing'>> {
  const found = new Map<Digest, Descriptor>()
  const missing: Descriptor[] = []
  await eachInParallel(offers, { limit: preparedAtOnce, signal }, async ({ diffId, known, obtain }, aborted) => {
    if (known && (await target.has(known, aborted))) return void found.set(diffId, known)
    const blob = await obtain(aborted)
    found.set(diffId, blob)
    missing.push(blob)
  })
  return { layers: offers.map(({ diffId }) => found.get(diffId) as Descriptor), missing }
}
