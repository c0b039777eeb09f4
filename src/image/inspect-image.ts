// SPDX-License-Identifier: Apache-2.0
import type { HistoryEntry, ImageConfig } from '../oci/image-config.js'
import type { Platform } from '../oci/platform.js'
import { getStoredAgain } from './find-image.js'
import type { ImageContext } from './image-context.js'
import type { ImageLayer, ImageRecord } from './image-record.js'

/** Everything that is known of an image, as it is now. */
export interface ImageInspection {
  /** Digest of its config. */
  readonly id: string
  /** Digest of its manifest. */
  readonly digest: string
  /** Digest of the index that its name leads to; null where that is the manifest itself. */
  readonly indexDigest: string | null
  /** Of the manifest. */
  readonly mediaType: string
  /** As people write them. */
  readonly tags: readonly string[]
  /** In full, as the store has them: `docker.io/library/debian:bookworm`. */
  readonly names: readonly string[]
  /** What it is made for. */
  readonly platform: Platform
  /** What its containers run by default, and how. */
  readonly config: ImageConfig
  /** Null where the image does not say. */
  readonly author: string | null
  /** Null where the image does not say. */
  readonly createdAt: Date | null
  /** Of config and layers, compressed as they came. */
  readonly sizeBytes: number
  /** Of its layers, unpacked: as many bytes as their tars have. Null while one of them is not unpacked. */
  readonly unpackedBytes: number | null
  /** Lowest first. */
  readonly layers: readonly ImageLayer[]
  /** Oldest first. */
  readonly history: readonly HistoryEntry[]
  /** Of the manifest; inert. */
  readonly annotations: Readonly<Record<string, string>>
  /** Names of the containers that are made of it. */
  readonly containers: readonly string[]
}

/** Looks the image up again. ERR_IMAGE_NOT_FOUND where it is gone. */
export async function inspectImage(context: ImageContext, image: ImageRecord): Promise<ImageInspection> {
  const { record, content, entry, names } = await getStoredAgain(context, image)
  const { id, digest, tags, platform, config, sizeBytes, createdAt, layers, history } = record
  const uses = await context.uses()
  return {
    id,
    digest,
    indexDigest: entry.digest === digest ? null : entry.digest,
    mediaType: content.descriptor.mediaType,
    tags,
    names: [...names],
    platform,
    config,
    author: content.document.author ?? null,
    createdAt,
    sizeBytes,
    unpackedBytes: await unpackedBytes(context, layers),
    layers,
    history,
    annotations: content.manifest.annotations ?? {},
    containers: uses.filter((use) => use.image === digest).map(({ container }) => container),
  }
}

async function unpackedBytes({ store }: ImageContext, layers: readonly ImageLayer[]): Promise<number | null> {
  let bytes = 0
  for (const { diffId } of layers) {
    const record = await store.layers.get(diffId)
    if (record === null) return null
    bytes += record.sizeBytes
  }
  return bytes
}
