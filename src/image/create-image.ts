// SPDX-License-Identifier: Apache-2.0
import type { LayerSource } from '../layer/ensure-layer.js'
import type { LayerCompression, UnpackedLayer } from '../layer/layer-work.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { HistoryEntry, ImageConfig } from '../oci/image-config.js'
import { imageDocumentToJson } from '../oci/image-document.js'
import { manifestToJson } from '../oci/manifest.js'
import { mediaTypes } from '../oci/media-types.js'
import { hostPlatform, type Platform } from '../oci/platform.js'
import type { Store } from '../store/store.js'
import type { ImageContext } from './image-context.js'

/** What an image of our own is made of. */
export interface ImageParts {
  readonly layers: readonly LayerSource[]
  readonly config: ImageConfig
  /** RFC 3339; left out where equal parts are to make an equal image. */
  readonly created?: string | undefined
  readonly history: readonly HistoryEntry[]
}

const layerTypes: Readonly<Record<LayerCompression, string>> = {
  plain: mediaTypes.layer,
  gzip: mediaTypes.layerGzip,
  zstd: mediaTypes.layerZstd,
}

/** The layer that was unpacked, as a manifest names it. */
export function layerSourceOf({ digest, diffId, size, compression }: UnpackedLayer): LayerSource {
  return { blob: { mediaType: layerTypes[compression], digest, size }, diffId }
}

/** Writes config and manifest into the store; the descriptor of the manifest, which nothing names yet. */
export async function writeImage(
  { store, platform = hostPlatform() }: ImageContext,
  parts: ImageParts,
): Promise<Descriptor> {
  const { layers, config, created, history } = parts
  const diffIds = layers.map(({ diffId }) => diffId)
  const document = imageDocumentToJson({ created, platform, config, diffIds, history })
  return await writeManifest(store, { document, platform, layers: layers.map(({ blob }) => blob) })
}

/** Writes a manifest around a config document that is at hand, byte by byte as it is. */
export async function writeManifest(
  store: Store,
  parts: {
    readonly document: string | Uint8Array
    readonly platform: Platform
    readonly layers: readonly Descriptor[]
  },
): Promise<Descriptor> {
  const config = { mediaType: mediaTypes.config, ...(await store.blobs.put(parts.document)) }
  const json = manifestToJson({ schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: parts.layers })
  return { mediaType: mediaTypes.manifest, ...(await store.blobs.put(json)), platform: parts.platform }
}
