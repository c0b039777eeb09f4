// SPDX-License-Identifier: Apache-2.0
import type { Descriptor } from '../../oci/descriptor.js'
import { imageDocumentToJson } from '../../oci/image-document.js'
import { indexToJson, referenceDigest } from '../../oci/image-index.js'
import { manifestToJson } from '../../oci/manifest.js'
import { mediaTypes } from '../../oci/media-types.js'
import type { Platform } from '../../oci/platform.js'
import type { Store } from '../../store/store.js'
import { type Statement, statementToJson } from './statement.js'

const statementLayer = 'application/vnd.in-toto+json'

// How readers know an entry of an index for what is said of another one; no host has this platform, so nobody runs it.
const nowhere: Platform = { os: 'unknown', architecture: 'unknown' }

/**
 * Writes the statements about an image, as a manifest whose layers they are; its entry for the index that the image is in. The form is the one
 * that registries and other builders know image attestations by.
 */
export async function writeAttestation(
  store: Store,
  image: Descriptor,
  statements: readonly Statement[],
): Promise<Descriptor> {
  const layers: Descriptor[] = []
  for (const statement of statements) {
    const blob = await store.blobs.put(statementToJson(statement))
    const annotations = { 'in-toto.io/predicate-type': statement.predicateType }
    layers.push({ mediaType: statementLayer, ...blob, annotations })
  }
  const diffIds = layers.map(({ digest }) => digest)
  const document = imageDocumentToJson({ platform: nowhere, config: {}, diffIds, history: [] })
  const config = { mediaType: mediaTypes.config, ...(await store.blobs.put(document)) }
  const manifest = manifestToJson({ schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers })
  const annotations = {
    [referenceDigest]: image.digest,
    'vnd.docker.reference.type': 'attestation-manifest',
  }
  return { mediaType: mediaTypes.manifest, ...(await store.blobs.put(manifest)), platform: nowhere, annotations }
}

/** Writes the index of images and what is said of them; its descriptor, which nothing names yet. */
export async function writeImageIndex(store: Store, manifests: readonly Descriptor[]): Promise<Descriptor> {
  const index = indexToJson({ schemaVersion: 2, mediaType: mediaTypes.index, manifests })
  return { mediaType: mediaTypes.index, ...(await store.blobs.put(index)) }
}
