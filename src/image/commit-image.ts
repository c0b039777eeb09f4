// SPDX-License-Identifier: Apache-2.0
import type { FileHandle } from 'node:fs/promises'
import { EngineError } from '../errors/engine-error.js'
import { ensureLayer, type LayerSource } from '../layer/ensure-layer.js'
import type { LayerCompression, UnpackedLayer } from '../layer/layer-work.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import type { ImageConfig } from '../oci/image-config.js'
import { mediaTypes } from '../oci/media-types.js'
import { layerSourceOf, writeImage } from './create-image.js'
import { type ImageContent, readContent } from './image-content.js'
import type { ImageContext } from './image-context.js'
import type { ImageRecord } from './image-record.js'
import { keepImage } from './keep-image.js'
import { mergeConfig } from './merge-config.js'
import { readStoredBlob, storedImages } from './stored-images.js'
import { takeBlob } from './temporary-blob.js'

/** A layer that was packed, or null where there was nothing to pack. */
export type PackedLayer = Pick<UnpackedLayer, 'digest' | 'diffId' | 'size'> | null

/** A new layer on an image, and what is said of it. */
export interface Commit {
  /** The manifest's digest of the image below. */
  readonly base: Digest
  /** In full; null: it is known by its id only. */
  readonly name: string | null
  readonly config: ImageConfig
  readonly created: Date
  readonly author?: string | undefined
  readonly comment?: string | undefined
  readonly createdBy?: string | undefined
  readonly compression: Exclude<LayerCompression, 'zstd'>
  readonly signal?: AbortSignal | undefined
  /** Writes the layer into the file. */
  pack(file: FileHandle): Promise<PackedLayer>
}

/** Makes an image of another one and a layer on top. ERR_UNSUPPORTED on the image of the host. */
export async function commitImage(context: ImageContext, commit: Commit): Promise<ImageRecord> {
  const { name, signal } = commit
  return await keepImage(context, { name, signal }, async () => {
    const base = await contentOf(context, commit.base)
    const packed = await takeBlob(context.store, (file) => commit.pack(file))
    const { compression } = commit
    const layer = packed && layerSourceOf({ ...packed, compression } as UnpackedLayer)
    if (layer) await ensureLayer(context, layer, signal)
    return await writeCommit(context, { commit, base, layer })
  })
}

interface Committed {
  readonly commit: Commit
  readonly base: ImageContent
  readonly layer: LayerSource | null
}

async function writeCommit(context: ImageContext, { commit, base, layer }: Committed): Promise<Descriptor> {
  const { author, comment, createdBy } = commit
  const created = commit.created.toISOString()
  const { config, platform, history } = base.document
  const entry = { created, createdBy, author, comment, emptyLayer: layer ? undefined : true }
  return await writeImage(context, {
    layers: [...base.layers.map(inOciTypes), ...(layer ? [layer] : [])],
    config: mergeConfig(config, commit.config),
    created,
    author: author ?? base.document.author,
    platform,
    history: [...history, entry],
  })
}

// The manifest is of OCI's type, whatever the one below was of.
const ociTypes: Readonly<Record<string, string>> = {
  [mediaTypes.dockerLayer]: mediaTypes.layer,
  [mediaTypes.dockerLayerGzip]: mediaTypes.layerGzip,
  [mediaTypes.dockerLayerZstd]: mediaTypes.layerZstd,
}

function inOciTypes({ blob, diffId }: LayerSource): LayerSource {
  const { mediaType } = blob
  const own = Object.hasOwn(ociTypes, mediaType) ? ociTypes[mediaType] : undefined
  return { diffId, blob: { ...blob, mediaType: own ?? mediaType } }
}

// A container's image may have lost its names, and is there all the same.
async function contentOf(context: ImageContext, digest: Digest): Promise<ImageContent> {
  const listed = (await storedImages(context)).find(({ record }) => record.digest === digest)
  if (listed?.record.host) throw hostImage()
  if (listed) return listed.content
  const read = (descriptor: Descriptor) => readStoredBlob(context.store, descriptor)
  return await readContent(read, await manifestOf(context, digest))
}

async function manifestOf({ store }: ImageContext, digest: Digest): Promise<Descriptor> {
  const bytes = await readStoredBlob(store, { mediaType: mediaTypes.manifest, digest, size: 0 })
  const { mediaType } = JSON.parse(Buffer.from(bytes).toString()) as { readonly mediaType?: unknown }
  const isDocker = mediaType === mediaTypes.dockerManifest
  return { mediaType: isDocker ? mediaTypes.dockerManifest : mediaTypes.manifest, digest, size: bytes.byteLength }
}

function hostImage(): EngineError {
  return new EngineError({
    code: 'ERR_UNSUPPORTED',
    message: 'a container of this machine’s own /usr cannot become an image: most of what it sees is not in it',
    hint: 'use container.export() for what it wrote, or start from another image',
  })
}
