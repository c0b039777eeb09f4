// SPDX-License-Identifier: Apache-2.0
import type { Descriptor } from '../oci/descriptor.js'
import { mediaTypes } from '../oci/media-types.js'
import { reachableFrom } from '../store/reachable.js'
import type { StoreUsage } from '../store/store.js'
import type { ImageContext } from './image-context.js'
import { storedImages } from './stored-images.js'

/** What the images of a store take on its disk. */
export interface ImageUsage extends StoreUsage {
  readonly images: { readonly count: number; readonly bytes: number; readonly reclaimableBytes: number }
}

/** Counts blobs and layers; what is reclaimable is what goes when every image goes that no container uses. */
export async function imageUsage(context: ImageContext): Promise<ImageUsage> {
  const { store } = context
  const [{ blobs, layers }, uses, images] = await Promise.all([
    store.diskUsage(),
    context.uses(),
    storedImages(context),
  ])
  const roots = uses.map(({ image }): Descriptor => ({ mediaType: mediaTypes.manifest, digest: image, size: 0 }))
  const needed = await reachableFrom(store.blobs, roots)
  const neededLayers = new Set([...needed.layers, ...uses.flatMap((use) => use.layers)])
  let kept = 0
  for (const digest of needed.blobs) kept += (await store.blobs.size(digest)) ?? 0
  for (const layer of neededLayers) kept += (await store.layers.get(layer))?.sizeBytes ?? 0
  const bytes = blobs.bytes + layers.bytes
  return { blobs, layers, images: { count: images.length, bytes, reclaimableBytes: Math.max(bytes - kept, 0) } }
}
