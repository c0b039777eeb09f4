// SPDX-License-Identifier: Apache-2.0
import type { LayerContext } from '../../layer/layer-context.js'
import type { Descriptor } from '../../oci/descriptor.js'
import { omitUndefined } from '../../oci/descriptor.js'
import type { Digest } from '../../oci/digest.js'
import { blobOf } from '../result/layer-blobs.js'
import type { WorkCache } from '../solver/work.js'
import type { WorkKey } from '../solver/work-keys.js'
import type { CachedLayer } from './cache-document.js'
import type { ImportedCache } from './imported-cache.js'
import { ImportingCache } from './importing-cache.js'

/** A layer that can be given away: its blob, as far as that is known without packing or fetching it. */
export interface LayerOffer {
  readonly diffId: Digest
  readonly known: Descriptor | undefined
  /** Brings the blob into the store. */
  obtain(signal: AbortSignal): Promise<Descriptor>
}

/** The result of a step, to be given away. */
export interface CollectedRecord {
  readonly key: Digest
  readonly alias: Digest | undefined
  readonly name: string
  /** Without places of blobs. */
  readonly layers: readonly CachedLayer[]
}

/** Results of a build with their layers; those that came with an image are not offered. */
export interface CollectedCache {
  readonly records: readonly CollectedRecord[]
  readonly offers: ReadonlyMap<Digest, LayerOffer>
}

/** Gathers what is known of these steps, in this store or in a cache that the build took results from: that is passed on without being fetched. */
export async function collectRecords(
  context: LayerContext,
  cache: WorkCache,
  keys: readonly WorkKey[],
): Promise<CollectedCache> {
  const records: CollectedRecord[] = []
  const offers = new Map<Digest, LayerOffer>()
  for (const { record: digest, alias, imported } of keys) {
    const stored = await (cache instanceof ImportingCache ? cache.stored : cache.get).call(cache, { digest, imported })
    const found = !stored && cache instanceof ImportingCache ? await cache.find(digest) : undefined
    const record = stored ?? found?.record
    if (!record) continue
    for (const layer of record.layers) {
      if (!isMade(layer) || offers.has(layer.diffId)) continue
      const offer = found ? offerOf(context, found.cache, layer) : await ownOffer(context, layer.diffId)
      offers.set(layer.diffId, offer)
    }
    records.push({ key: digest, alias, name: record.name, layers: record.layers.map(factsOf) })
  }
  return { records, offers }
}

/** Whether a step made it, and made something. */
export function isMade({ createdAt, isEmpty }: Pick<CachedLayer, 'createdAt' | 'isEmpty'>): boolean {
  return createdAt !== undefined && !isEmpty
}

/** What records say of a layer. */
export function factsOf({ diffId, createdAt, isEmpty }: CachedLayer): CachedLayer {
  return omitUndefined({ diffId, createdAt, isEmpty })
}

async function ownOffer(context: LayerContext, diffId: Digest): Promise<LayerOffer> {
  const obtain = async (signal: AbortSignal) => (await blobOf(context, { diffId }, signal)).blob
  return { diffId, known: (await context.store.builds.packed(diffId))?.blob, obtain }
}

function offerOf(context: LayerContext, cache: ImportedCache, layer: CachedLayer): LayerOffer {
  const { diffId } = layer
  const blob = cache.blobOf(layer)
  const obtain = async (signal: AbortSignal) => {
    if (!blob || (await context.store.layers.has(diffId))) return (await blobOf(context, { diffId }, signal)).blob
    await cache.source.fetch(blob, signal)
    return blob
  }
  return { diffId, known: blob, obtain }
}
