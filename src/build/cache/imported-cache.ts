// SPDX-License-Identifier: Apache-2.0
import { ensureLayer, type LayerSource } from '../../layer/ensure-layer.js'
import type { LayerContext } from '../../layer/layer-context.js'
import { eachInParallel } from '../../layer/parallel.js'
import type { Descriptor } from '../../oci/descriptor.js'
import type { Digest } from '../../oci/digest.js'
import type { BuiltLayer } from '../solver/work.js'
import type { CachedLayer, CachedRecord } from './cache-document.js'
import { type CacheContent, type CacheSource, unusable } from './cache-source.js'

/** A result that a cache has, of which nothing was fetched yet. */
export interface ImportedRecord {
  readonly name: string
  readonly layers: readonly CachedLayer[]
}

const parallelLayers = 4

/** One cache that was opened: what it says is in memory, its layers come when a step needs them. */
export class ImportedCache {
  readonly source: CacheSource
  readonly #context: LayerContext
  readonly #content: CacheContent
  readonly #records: Map<Digest, CachedRecord>
  readonly #aliases: ReadonlyMap<Digest, Digest>

  constructor(context: LayerContext, source: CacheSource, content: CacheContent) {
    this.source = source
    this.#context = context
    this.#content = content
    this.#records = new Map(content.document.records.map((record) => [record.key, record]))
    this.#aliases = new Map(content.document.aliases)
  }

  alias(alias: Digest): Digest | undefined {
    return this.#aliases.get(alias)
  }

  record(key: Digest): ImportedRecord | undefined {
    const record = this.#records.get(key)
    return record && { name: record.name, layers: record.layers.map((place) => this.#layerAt(place)) }
  }

  /** Forgets a record that turned out to be of no use. */
  drop(key: Digest): void {
    this.#records.delete(key)
  }

  /** The blob of a layer, as the cache says. */
  blobOf({ blob }: CachedLayer): Descriptor | undefined {
    return blob === undefined ? undefined : this.#content.blobs[blob]
  }

  /**
   * Brings the layers of a record into the store. What has no blob has to be of one of the images that the build itself names: a cache leads to
   * nothing else that happens to be in the store.
   */
  async bring(
    { layers }: ImportedRecord,
    images: ReadonlyMap<Digest, LayerSource>,
    signal: AbortSignal,
  ): Promise<readonly BuiltLayer[]> {
    const real = layers.filter(({ isEmpty }) => !isEmpty)
    const distinct = [...new Map(real.map((layer) => [layer.diffId, layer])).values()]
    await eachInParallel(distinct, { limit: parallelLayers, signal }, (layer, aborted) =>
      this.#bringLayer(layer, images, aborted),
    )
    return await Promise.all(layers.map((layer) => this.#builtLayer(layer)))
  }

  async #bringLayer(layer: CachedLayer, images: ReadonlyMap<Digest, LayerSource>, signal: AbortSignal): Promise<void> {
    const { diffId } = layer
    const { store } = this.#context
    const image = images.get(diffId)
    if (image) return void (await ensureLayer(this.#context, image, signal))
    const blob = this.blobOf(layer)
    if (!blob) throw unusable(`has no layer ${diffId}, and no image of this build has it`)
    if (await store.layers.has(diffId)) return
    const isProven = await this.source.bring({ blob, diffId }, signal)
    if (isProven) await store.builds.setPacked(diffId, { blob, diffId })
  }

  async #builtLayer({ diffId, createdAt, isEmpty }: CachedLayer): Promise<BuiltLayer> {
    if (isEmpty) return { diffId, sizeBytes: 0, createdAt, isEmpty }
    const record = await this.#context.store.layers.get(diffId)
    if (!record) throw unusable(`gave a layer ${diffId} that is gone again`)
    return { diffId, sizeBytes: record.sizeBytes, createdAt }
  }

  #layerAt(place: number): CachedLayer {
    const layer = this.#content.document.layers[place]
    if (!layer) throw unusable('leads nowhere')
    return layer
  }
}
