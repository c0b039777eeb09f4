// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '../../oci/digest.js'
import type { CacheDocument, CachedLayer, CachedRecord } from './cache-document.js'
import { type CollectedRecord, factsOf, isMade } from './collect-records.js'

/** Puts a document together: layers that are the same are in its table once. */
export class CacheTable {
  readonly #places = new Map<string, number>()
  readonly #layers: CachedLayer[] = []
  readonly #records: CachedRecord[] = []
  readonly #aliases: (readonly [Digest, Digest])[] = []
  readonly #blobs = new Map<Digest, number>()

  /** Takes the layers of an image as those of the manifest, in their order. */
  addImage(layers: readonly CachedLayer[]): void {
    for (const [blob, layer] of layers.entries()) this.#addLayer({ ...factsOf(layer), blob })
  }

  /** Takes a record with all its layers; made ones are in the manifest, in the order of {@link blobs}. */
  add({ key, alias, name, layers }: CollectedRecord): void {
    this.#push({ key, name, layers: layers.map((layer) => this.#placeOf(layer) ?? this.#addMade(layer)) }, alias)
  }

  /** Takes a record whose layers are all in the table; false where some are not. */
  addKnown({ key, alias, name, layers }: CollectedRecord): boolean {
    const places = layers.map((layer) => this.#placeOf(layer)).filter((place) => place !== undefined)
    if (places.length < layers.length) return false
    this.#push({ key, name, layers: places }, alias)
    return true
  }

  /** The diffIDs of the layers that the manifest is to name. */
  get blobs(): readonly Digest[] {
    return [...this.#blobs.keys()]
  }

  get document(): CacheDocument {
    return { layers: this.#layers, records: this.#records, aliases: this.#aliases }
  }

  #push(record: CachedRecord, alias: Digest | undefined): void {
    this.#records.push(record)
    if (alias) this.#aliases.push([alias, record.key])
  }

  #addMade(layer: CachedLayer): number {
    if (!isMade(layer)) return this.#addLayer(factsOf(layer))
    const blob = this.#blobs.get(layer.diffId) ?? this.#blobs.size
    this.#blobs.set(layer.diffId, blob)
    const { diffId, ...facts } = factsOf(layer)
    return this.#addLayer({ diffId, blob, ...facts })
  }

  #addLayer(layer: CachedLayer): number {
    const text = textOf(layer)
    if (!this.#places.has(text)) this.#places.set(text, this.#layers.length)
    return this.#layers.push(layer) - 1
  }

  #placeOf(layer: CachedLayer): number | undefined {
    return this.#places.get(textOf(layer))
  }
}

const textOf = (layer: CachedLayer): string => JSON.stringify(factsOf(layer))
