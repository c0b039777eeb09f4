// SPDX-License-Identifier: Apache-2.0
import { omitUndefined } from '../../oci/descriptor.js'
import { type Digest, digestOf, parseDigest } from '../../oci/digest.js'
import { Fields, invalidField } from '../../oci/fields.js'

/** The media type of the config of a cache's manifest, which is a {@link CacheDocument} (docs/decisions/0038). */
export const cacheConfigType = 'application/vnd.tscontainer.buildcache.config.v1+json'

/** The member of an image's config that is a {@link CacheDocument}. */
export const inlineCacheKey = 'dev.tscontainer.buildcache.v1'

/** A layer as records have it. */
export interface CachedLayer {
  readonly diffId: Digest
  /** Which of the manifest's layers it is; undefined: it stands for nothing, or came with an image that the build names. */
  readonly blob?: number | undefined
  /** RFC 3339; undefined: it came with an image. */
  readonly createdAt?: string | undefined
  readonly isEmpty?: true | undefined
}

/** The result of a step. */
export interface CachedRecord {
  readonly key: Digest
  readonly name: string
  /** Places in the table of layers, the lowest first. */
  readonly layers: readonly number[]
}

/** What a cache says: which layers steps have, by their keys. */
export interface CacheDocument {
  readonly layers: readonly CachedLayer[]
  readonly records: readonly CachedRecord[]
  /** From definitions to keys. */
  readonly aliases: readonly (readonly [alias: Digest, key: Digest])[]
}

// More than any Dockerfile that is read has steps.
const maxRecords = 20_000
const maxTable = 65_536
// Fewer than the kernel stacks.
const maxChain = 480
const maxName = 4096
const version = 1
const emptyTar = digestOf(Buffer.alloc(1024))

/** The document in JSON that was parsed. ERR_IMAGE_INVALID with the path of what is wrong, also where an index leads nowhere. */
export function readCacheDocument(value: unknown, blobs: number): CacheDocument {
  const fields = new Fields(value, 'build cache')
  const given = fields.integer('version')
  if (given !== version) throw invalidField('build cache.version', `expected ${version}, got ${given ?? 'nothing'}`)
  const layers = fields.required(
    'layers',
    fields.array('layers', maxTable, (layer, path) => readLayer(layer, path, blobs)),
  )
  return {
    layers,
    records: fields.required(
      'records',
      fields.array('records', maxRecords, (record, path) => readRecord(record, path, layers.length)),
    ),
    aliases: fields.array('aliases', maxRecords, readAlias) ?? [],
  }
}

/** The document as JSON has it: the same content makes the same text. */
export function cacheDocumentToJson({ layers, records, aliases }: CacheDocument): object {
  return { version, layers, records, aliases }
}

function readLayer(value: unknown, path: string, blobs: number): CachedLayer {
  const fields = new Fields(value, path)
  const createdAt = fields.string('createdAt')
  if (createdAt !== undefined && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(createdAt))
    throw invalidField(`${path}.createdAt`, 'is no time')
  const blob = fields.integer('blob')
  if (blob !== undefined) checkPlace(blob, `${path}.blob`, blobs)
  const diffId = readDigest(fields.raw('diffId'), `${path}.diffId`)
  const isEmpty = fields.boolean('isEmpty') || undefined
  if (isEmpty && diffId !== emptyTar) throw invalidField(`${path}.diffId`, 'is not that of an empty layer')
  return omitUndefined({ diffId, blob, createdAt, isEmpty })
}

function readRecord(value: unknown, path: string, layers: number): CachedRecord {
  const fields = new Fields(value, path)
  return {
    key: readDigest(fields.raw('key'), `${path}.key`),
    name: (fields.string('name') ?? '').slice(0, maxName),
    layers: fields.required(
      'layers',
      fields.array('layers', maxChain, (place, at) => checkPlace(place, at, layers)),
    ),
  }
}

function readAlias(value: unknown, path: string): readonly [Digest, Digest] {
  const [alias, key, ...others] = Array.isArray(value) ? value : []
  if (others.length > 0) throw invalidField(path, 'is no pair')
  return [readDigest(alias, `${path}[0]`), readDigest(key, `${path}[1]`)]
}

function checkPlace(value: unknown, path: string, count: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < count) return value
  throw invalidField(path, 'leads nowhere')
}

function readDigest(value: unknown, path: string): Digest {
  const digest = parseDigest(value, path)
  if (digest.startsWith('sha256:')) return digest
  throw invalidField(path, 'is not sha256')
}
