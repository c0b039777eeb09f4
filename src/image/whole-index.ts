// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { parseIndex } from '../oci/image-index.js'
import { parseManifest } from '../oci/manifest.js'
import { isForeignLayerType, isIndexType, isManifestType } from '../oci/media-types.js'
import type { ReadBlob } from './image-content.js'

// An index in an index is unusual, more than this is an attack.
const maxNesting = 4

interface Walk {
  readonly read: ReadBlob
  /** Whether the blob is there. */
  has(blob: Descriptor): Promise<boolean>
}

/** Everything that an index leads to, itself first; null where something of it is damaged or not there, or is neither image nor index. */
export async function wholeIndex(walk: Walk, entry: Descriptor): Promise<readonly Descriptor[] | null> {
  const found = new Map<Digest, Descriptor>()
  try {
    return (await collect(walk, entry, { found, depth: 0 })) ? [...found.values()] : null
  } catch (error) {
    // Of what is damaged in an image for another machine ours does not suffer.
    if (EngineError.is(error)) return null
    throw error
  }
}

async function collect(
  walk: Walk,
  entry: Descriptor,
  { found, depth }: { readonly found: Map<Digest, Descriptor>; readonly depth: number },
): Promise<boolean> {
  if (found.has(entry.digest)) return true
  if (depth > maxNesting || !(await walk.has(entry))) return false
  found.set(entry.digest, entry)
  if (isIndexType(entry.mediaType)) {
    const { manifests } = parseIndex(await walk.read(entry), entry.mediaType)
    for (const child of manifests) if (!(await collect(walk, child, { found, depth: depth + 1 }))) return false
    return true
  }
  if (!isManifestType(entry.mediaType)) return false
  const { config, layers } = parseManifest(await walk.read(entry), entry.mediaType)
  for (const blob of [config, ...layers.filter(({ mediaType }) => !isForeignLayerType(mediaType))]) {
    if (!found.has(blob.digest) && !(await walk.has(blob))) return false
    found.set(blob.digest, blob)
  }
  return true
}
