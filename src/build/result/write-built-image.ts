// SPDX-License-Identifier: Apache-2.0
import { gzipSync } from 'node:zlib'
import { writeImage } from '../../image/create-image.js'
import type { ImageContext } from '../../image/image-context.js'
import type { LayerSource } from '../../layer/ensure-layer.js'
import { eachInParallel } from '../../layer/parallel.js'
import type { Descriptor } from '../../oci/descriptor.js'
import { type Digest, digestOf } from '../../oci/digest.js'
import { mediaTypes } from '../../oci/media-types.js'
import { inlineCacheKey } from '../cache/cache-document.js'
import type { BuildGraph } from '../graph/build-graph.js'
import type { Root } from '../solver/work.js'
import { fitHistory } from './image-history.js'
import { blobOf } from './layer-blobs.js'

/** What an image is put together of. */
export interface BuiltImage {
  readonly graph: BuildGraph
  readonly root: Root
  /** Blobs of layers that came with images, by their diffIDs. */
  readonly blobs: ReadonlyMap<Digest, LayerSource>
  /** Seconds since 1970: nothing in its own layers is newer. */
  readonly latest?: number | undefined
  /** The inline cache. */
  readonly cache?: object | undefined
}

/** An image that was written. */
export interface WrittenImage {
  /** Of its manifest, which nothing names yet. */
  readonly descriptor: Descriptor
  /** When it was made: RFC 3339. */
  readonly created: string | undefined
}

// A step that changes nothing has a layer all the same, as with BuildKit, so that every entry of the history has its own.
const emptyTar = Buffer.alloc(1024)
const emptyGzip = gzipSync(emptyTar)
const emptyLayer: LayerSource = {
  blob: { mediaType: mediaTypes.layerGzip, digest: digestOf(emptyGzip), size: emptyGzip.byteLength },
  diffId: digestOf(emptyTar),
}

// Compression takes a processor each.
const packedAtOnce = 2

/** Writes manifest and config of what was built. */
export async function writeBuiltImage(
  context: ImageContext,
  { graph, root, blobs, latest, cache }: BuiltImage,
  signal: AbortSignal,
): Promise<WrittenImage> {
  const { layers } = root
  if (layers.some(({ isEmpty }) => isEmpty)) await context.store.blobs.put(emptyGzip)
  const found = new Map<Digest, LayerSource>([...blobs, [emptyLayer.diffId, emptyLayer]])
  const own = [...new Set(layers.map(({ diffId }) => diffId))].filter((diffId) => !found.has(diffId))
  await eachInParallel(own, { limit: packedAtOnce, signal }, async (diffId, aborted) => {
    found.set(diffId, await blobOf(context, { diffId, latest }, aborted))
  })
  const { history, created } = fitHistory(graph.history, root.layers, graph.epoch)
  const descriptor = await writeImage(context, {
    layers: layers.map(({ diffId }) => found.get(diffId) as LayerSource),
    config: graph.config,
    created,
    author: graph.author,
    platform: graph.platform,
    history,
    extra: cache && { [inlineCacheKey]: cache },
  })
  return { descriptor, created }
}
