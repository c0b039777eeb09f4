// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { LayerSource } from '../layer/ensure-layer.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import type { ImageDocument } from '../oci/image-config.js'
import { parseImageDocument } from '../oci/image-document.js'
import { parseIndex, selectManifest } from '../oci/image-index.js'
import { type Manifest, parseManifest } from '../oci/manifest.js'
import { isConfigType, isIndexType, isLayerType, isManifestType } from '../oci/media-types.js'
import { formatPlatform, type Platform } from '../oci/platform.js'

/** What a manifest leads to, read and checked. */
export interface ImageContent {
  readonly descriptor: Descriptor
  readonly manifest: Manifest
  readonly document: ImageDocument
  /** Lowest first. */
  readonly layers: readonly LayerSource[]
}

/** Reads a small blob of that digest and size; throws where it is not to be had. */
export type ReadBlob = (descriptor: Descriptor) => Promise<Uint8Array>

// An index in an index is unusual, more than this is an attack.
const maxNesting = 4

/** The manifest that a descriptor stands for on that platform; indexes are followed. ERR_IMAGE_PLATFORM where none fits. */
export async function resolveManifest(
  read: ReadBlob,
  descriptor: Descriptor,
  platform: Platform,
  depth = 0,
): Promise<Descriptor> {
  if (!isIndexType(descriptor.mediaType)) return descriptor
  if (depth >= maxNesting) throw invalid(descriptor.digest, `indexes nest deeper than ${maxNesting} levels`)
  const index = parseIndex(await read(descriptor), descriptor.mediaType)
  const chosen = selectManifest(index, platform)
  if (chosen) return await resolveManifest(read, chosen, platform, depth + 1)
  const there = platformNames(index.manifests)
  throw new EngineError({
    code: 'ERR_IMAGE_PLATFORM',
    message: `the index ${descriptor.digest} has no image for ${formatPlatform(platform)}`,
    object: descriptor.digest,
    option: 'platform',
    hint: there ? `it has images for: ${there}` : undefined,
  })
}

/** The same, or the first image of the index where none fits. */
export async function resolveAnyManifest(
  read: ReadBlob,
  descriptor: Descriptor,
  platform: Platform,
): Promise<Descriptor> {
  try {
    return await resolveManifest(read, descriptor, platform)
  } catch (error) {
    if (!EngineError.is(error, 'ERR_IMAGE_PLATFORM')) throw error
    const { manifests } = parseIndex(await read(descriptor), descriptor.mediaType)
    const first = manifests.find((entry) => isManifestType(entry.mediaType) && entry.platform?.os !== 'unknown')
    if (first) return first
    throw error
  }
}

/** Reads manifest and config, which have to agree on the number of layers. ERR_IMAGE_INVALID for what is no container image. */
export async function readContent(read: ReadBlob, descriptor: Descriptor): Promise<ImageContent> {
  const manifest = parseManifest(await read(descriptor), descriptor.mediaType)
  if (!isConfigType(manifest.config.mediaType))
    throw invalid(descriptor.digest, `has a config of type '${manifest.config.mediaType}': it is no container image`)
  const foreign = manifest.layers.find(({ mediaType }) => !isLayerType(mediaType))
  if (foreign) throw invalid(descriptor.digest, `has a layer of type '${foreign.mediaType}'`)
  const document = parseImageDocument(await read(manifest.config))
  const { diffIds } = document
  if (diffIds.length !== manifest.layers.length)
    throw invalid(descriptor.digest, `has ${manifest.layers.length} layers, but its config names ${diffIds.length}`)
  const layers = manifest.layers.map((blob, index) => ({ blob, diffId: diffIds[index] as Digest }))
  return { descriptor, manifest, document, layers }
}

function invalid(digest: Digest, problem: string): EngineError {
  return new EngineError({ code: 'ERR_IMAGE_INVALID', message: `manifest ${digest}: ${problem}`, object: digest })
}

// Attestations, which are for nobody, are not counted.
function platformNames(entries: readonly Descriptor[]): string {
  const known = entries.flatMap(({ platform }) => (platform && platform.os !== 'unknown' ? [platform] : []))
  return [...new Set(known.map(formatPlatform))].join(', ')
}
