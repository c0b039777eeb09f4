// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { fixUpId } from '../oci/chain-id.js'
import type { Descriptor } from '../oci/descriptor.js'
import { type Digest, isDigest } from '../oci/digest.js'
import { parseImageDocument } from '../oci/image-document.js'
import { parseIndex } from '../oci/image-index.js'
import { parseManifest } from '../oci/manifest.js'
import { isConfigType, isIndexType, isManifestType } from '../oci/media-types.js'
import type { BlobStore } from './blob-store.js'

/** What some descriptors lead to. */
export interface Reachable {
  readonly blobs: ReadonlySet<Digest>
  /** diffIDs of the layers of their images, and the names of what lies on top of those. */
  readonly layers: ReadonlySet<Digest>
}

/** Follows indexes, manifests and configs as far as their blobs are there. What is damaged leads nowhere. */
export async function reachableFrom(blobs: BlobStore, roots: readonly Descriptor[]): Promise<Reachable> {
  const seen = new Set<Digest>()
  const layers = new Set<Digest>()
  const open = [...roots]
  for (let descriptor = open.pop(); descriptor; descriptor = open.pop()) {
    if (seen.has(descriptor.digest)) continue
    seen.add(descriptor.digest)
    const { children, diffIds } = await linksOf(blobs, descriptor)
    open.push(...children)
    for (const diffId of diffIds) layers.add(diffId)
  }
  return { blobs: seen, layers }
}

interface Links {
  readonly children: readonly Descriptor[]
  readonly diffIds: readonly Digest[]
}

const none: Links = { children: [], diffIds: [] }

async function linksOf(blobs: BlobStore, { mediaType, digest }: Descriptor): Promise<Links> {
  const isLeaf = !isIndexType(mediaType) && !isManifestType(mediaType) && !isConfigType(mediaType)
  if (isLeaf || !isDigest(digest)) return none
  try {
    const data = await blobs.read(digest)
    return data === null ? none : readLinks(data, mediaType)
  } catch (error) {
    if (
      ['ERR_STORE_CORRUPT', 'ERR_IMAGE_INVALID', 'ERR_UNSUPPORTED'].some(
        (code) => EngineError.is(error) && error.code === code,
      )
    )
      return none
    throw error
  }
}

function readLinks(data: Uint8Array, mediaType: string): Links {
  if (isConfigType(mediaType)) {
    const { diffIds } = parseImageDocument(data)
    return { children: [], diffIds: [...diffIds, fixUpId(diffIds)] }
  }
  if (isIndexType(mediaType)) {
    const { manifests, subject } = parseIndex(data)
    return { children: subject ? [...manifests, subject] : manifests, diffIds: [] }
  }
  const { config, layers, subject } = parseManifest(data)
  return { children: [config, ...layers, ...(subject ? [subject] : [])], diffIds: [] }
}
