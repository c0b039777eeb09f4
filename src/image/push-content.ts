// SPDX-License-Identifier: Apache-2.0
import type { Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { parseIndex } from '../oci/image-index.js'
import { parseManifest } from '../oci/manifest.js'
import { isForeignLayerType, isIndexType } from '../oci/media-types.js'
import { parseReference } from '../oci/reference.js'
import type { RepositoryRef } from '../registry/registry-client.js'
import type { ImageContext } from './image-context.js'
import { readStoredBlob, storedImages } from './stored-images.js'

/** A manifest or index as it is stored. */
export interface StoredDocument {
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
}

/** Everything that a name leads to. */
export interface PushContent {
  /** Each before those that name it: the last one is what gets the tag. */
  readonly documents: readonly StoredDocument[]
  /** Configs and layers, each once; none that its registry alone may hand out. */
  readonly blobs: readonly Descriptor[]
}

/** Reads what is to be pushed. ERR_STORE_CORRUPT where something of it is not there. */
export async function pushContent(context: ImageContext, entry: Descriptor): Promise<PushContent> {
  const documents: StoredDocument[] = []
  const blobs = new Map<Digest, Descriptor>()
  const add = async (descriptor: Descriptor): Promise<void> => {
    const bytes = await readStoredBlob(context.store, descriptor)
    if (isIndexType(descriptor.mediaType)) {
      for (const child of parseIndex(bytes, descriptor.mediaType).manifests) await add(child)
    } else {
      const { config, layers } = parseManifest(bytes, descriptor.mediaType)
      for (const blob of [config, ...layers]) if (!isForeignLayerType(blob.mediaType)) blobs.set(blob.digest, blob)
    }
    documents.push({ descriptor, bytes })
  }
  await add(entry)
  return { documents, blobs: [...blobs.values()] }
}

/** Which other repositories of that host have each blob, as far as the names in the store tell. */
export async function siblingsOf(
  context: ImageContext,
  { host, repository }: RepositoryRef,
): Promise<ReadonlyMap<Digest, readonly string[]>> {
  const siblings = new Map<Digest, string[]>()
  for (const { names, record } of await storedImages(context)) {
    const paths = names.flatMap((name) => pathOn(host, name)).filter((path) => path !== repository)
    for (const digest of [record.id, ...record.layers.map((layer) => layer.digest)]) {
      siblings.set(digest, [...new Set([...(siblings.get(digest) ?? []), ...paths])])
    }
  }
  return siblings
}

// Other tools give names that are no references.
function pathOn(host: string, name: string): readonly string[] {
  try {
    const { domain, path } = parseReference(name)
    return domain === host ? [path] : []
  } catch {
    return []
  }
}
