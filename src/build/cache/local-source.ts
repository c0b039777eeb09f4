// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path'
import { ImageFiles } from '../../image/image-files.js'
import { blobPath } from '../../image/save-content.js'
import { ensureLayer } from '../../layer/ensure-layer.js'
import type { LayerContext } from '../../layer/layer-context.js'
import type { Descriptor } from '../../oci/descriptor.js'
import { digestOf, digestParts } from '../../oci/digest.js'
import { readIndex } from '../../oci/image-index.js'
import { parseUntrustedJson } from '../../oci/json.js'
import { checkLayoutHeader, refNameAnnotation } from '../../oci/layout.js'
import { hostPlatform, type Platform } from '../../oci/platform.js'
import { type CacheSource, readCache, unusable } from './cache-source.js'

/** The name that a cache has in the index.json of its directory. */
export const localCacheName = 'buildcache'

const maxDocument = 8 * 1024 * 1024

/** A cache in a directory, which is an OCI layout: the manifest of that name, or the only one there is. */
export function localSource(
  context: LayerContext & { readonly platform?: Platform | undefined },
  path: string,
): CacheSource {
  const files = new ImageFiles(resolve(path), { consumed: false })
  const fetch = async (blob: Descriptor, signal: AbortSignal) => {
    const { digest, size } = blob
    if ((await context.store.blobs.claim(digest)) === size) return
    await files.take(context.store, blobPath(digest), { digest, size }, signal)
  }
  return {
    name: resolve(path),
    open: async () => {
      const platform = context.platform ?? hostPlatform()
      return await readCache((blob) => readSmall(files, blob), await findEntry(files), platform)
    },
    bring: async (layer, signal) => {
      await fetch(layer.blob, signal)
      return await ensureLayer(context, layer, signal)
    },
    fetch,
  }
}

async function findEntry(files: ImageFiles): Promise<Descriptor> {
  const header = await files.read('oci-layout', 4096)
  if (header === null) throw unusable('is no OCI layout, or not there yet')
  checkLayoutHeader(header)
  const bytes = await files.need('index.json', maxDocument)
  const { manifests } = readIndex(parseUntrustedJson(bytes, 'index.json', { maxBytes: maxDocument }))
  const named = manifests.find(({ annotations }) => annotations?.[refNameAnnotation] === localCacheName)
  const [only, ...others] = manifests
  if (named) return named
  if (only && others.length === 0) return only
  throw unusable(`has ${manifests.length} manifests, of which none is named ${localCacheName}`)
}

async function readSmall(files: ImageFiles, { digest, size }: Descriptor): Promise<Uint8Array> {
  const data = await files.need(blobPath(digest), maxDocument)
  if (data.byteLength === size && digestOf(data, digestParts(digest).algorithm) === digest) return data
  throw unusable(`has something else for ${digest}`)
}
