// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import { type ReadBlob, resolveManifest } from '../../image/image-content.js'
import type { LayerSource } from '../../layer/ensure-layer.js'
import type { Descriptor } from '../../oci/descriptor.js'
import { Fields } from '../../oci/fields.js'
import { parseImageDocument } from '../../oci/image-document.js'
import { parseUntrustedJson } from '../../oci/json.js'
import { parseManifest } from '../../oci/manifest.js'
import { isConfigType, isForeignLayerType, isLayerType } from '../../oci/media-types.js'
import type { Platform } from '../../oci/platform.js'
import { type CacheDocument, cacheConfigType, inlineCacheKey, readCacheDocument } from './cache-document.js'

/** A place that has a cache. What comes from it is hostile until its digest was checked. */
export interface CacheSource {
  /** What warnings call it; the same for the same place. */
  readonly name: string
  /** What it says. Rejects where there is none, or something else. */
  open(signal: AbortSignal): Promise<CacheContent>
  /** Brings the layer into the store, unpacked, both digests checked. True: this was what showed that the blob is that layer. */
  bring(layer: LayerSource, signal: AbortSignal): Promise<boolean>
  /** Brings the blob alone into the store, its digest checked. */
  fetch(blob: Descriptor, signal: AbortSignal): Promise<void>
}

/** What a cache says, and the blobs that its document refers to. */
export interface CacheContent {
  readonly document: CacheDocument
  readonly blobs: readonly Descriptor[]
}

const maxDocumentBytes = 8 * 1024 * 1024
// A step that makes so much is made again sooner than it is fetched.
const maxLayerBytes = 64 * 1024 ** 3

/** The cache that a descriptor leads to: a manifest of ours, or an image that has one inline. */
export async function readCache(read: ReadBlob, top: Descriptor, platform: Platform): Promise<CacheContent> {
  const descriptor = await resolveManifest(read, top, platform)
  const { config, layers } = parseManifest(await read(descriptor), descriptor.mediaType)
  for (const { mediaType, size } of layers) {
    if (!isLayerType(mediaType) || isForeignLayerType(mediaType)) throw unusable(`has a layer of type ${mediaType}`)
    if (size > maxLayerBytes) throw unusable(`has a layer of ${size} bytes`)
  }
  const isInline = isConfigType(config.mediaType)
  if (!isInline && config.mediaType !== cacheConfigType) throw unusable(kindOf(config.mediaType))
  if (config.size > maxDocumentBytes) throw unusable(`has a config of ${config.size} bytes`)
  const bytes = await read(config)
  const value = parseUntrustedJson(bytes, 'build cache', { maxBytes: maxDocumentBytes })
  if (!isInline) return { document: readCacheDocument(value, layers.length), blobs: layers }
  const inline = new Fields(value, 'image config').raw(inlineCacheKey)
  if (inline === undefined) throw unusable('is an image without an inline cache')
  const document = readCacheDocument(inline, layers.length)
  const { diffIds } = parseImageDocument(bytes)
  // An image says of each layer twice what is in it.
  for (const { blob, diffId } of document.layers)
    if (blob !== undefined && diffIds[blob] !== diffId) throw unusable('contradicts its image')
  return { document, blobs: layers }
}

function kindOf(mediaType: string): string {
  if (mediaType.startsWith('application/vnd.buildkit.')) return 'is a cache of BuildKit, whose keys are others'
  return `is no build cache, but has a config of type ${mediaType}`
}

/** The error for what is there and of no use. */
export function unusable(problem: string): EngineError {
  return new EngineError({ code: 'ERR_IMAGE_INVALID', message: `it ${problem}` })
}
