// SPDX-License-Identifier: Apache-2.0
import type { LayerSource } from '../layer/ensure-layer.js'
import type { LayerCompression, UnpackedLayer } from '../layer/layer-work.js'
import type { Descriptor } from '../oci/descriptor.js'
import { digestOf } from '../oci/digest.js'
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
  readonly author?: string | undefined
  /** The one of the store by default. */
  readonly platform?: Platform | undefined
  readonly history: readonly HistoryEntry[]
  /** Members of the config document that the specification has not. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
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

/** The documents of an image of our own, as they are going to be stored. */
export interface ImageDocuments {
  readonly config: string
  readonly manifest: string
}

/** The same parts make the same documents. */
export function describeImage(context: ImageContext, parts: ImageParts): ImageDocuments {
  const { layers, config, created, author, history, extra } = parts
  const diffIds = layers.map(({ diffId }) => diffId)
  const platform = platformOf(context, parts)
  const document = imageDocumentToJson({ created, author, platform, config, diffIds, history }, extra)
  const manifest = manifestFor(
    document,
    layers.map(({ blob }) => blob),
  )
  return { config: document, manifest }
}

/** Writes config and manifest into the store; the descriptor of the manifest, which nothing names yet. */
export async function writeImage(context: ImageContext, parts: ImageParts): Promise<Descriptor> {
  const { config } = describeImage(context, parts)
  const layers = parts.layers.map(({ blob }) => blob)
  return await writeManifest(context.store, { document: config, platform: platformOf(context, parts), layers })
}

function platformOf({ platform = hostPlatform() }: ImageContext, parts: ImageParts): Platform {
  return parts.platform ?? platform
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
  // At once, since both wait for the disk; nothing names either yet.
  const documents = [parts.document, manifestFor(parts.document, parts.layers)] as const
  const [, manifest] = await Promise.all([store.blobs.put(documents[0]), store.blobs.put(documents[1])])
  return { mediaType: mediaTypes.manifest, ...manifest, platform: parts.platform }
}

function manifestFor(document: string | Uint8Array, layers: readonly Descriptor[]): string {
  const config = { mediaType: mediaTypes.config, digest: digestOf(document), size: Buffer.byteLength(document) }
  return manifestToJson({ schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers })
}
