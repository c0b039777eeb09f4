// SPDX-License-Identifier: Apache-2.0
import { type Descriptor, descriptorToJson, omitUndefined, readDescriptor, readMediaType } from './descriptor.js'
import { Fields } from './fields.js'
import { parseUntrustedJson } from './json.js'
import { checkDocumentType, readOptionalDescriptor } from './manifest.js'
import { isIndexType, isManifestType, mediaTypes } from './media-types.js'
import type { Platform } from './platform.js'
import { bestPlatform } from './platform-match.js'

/** A list of manifests, one a platform (OCI image-spec 1.1, "Image Index"; Docker's manifest list). */
export interface Index {
  readonly schemaVersion: 2
  readonly mediaType: string
  readonly artifactType?: string | undefined
  readonly manifests: readonly Descriptor[]
  readonly subject?: Descriptor | undefined
  readonly annotations?: Readonly<Record<string, string>> | undefined
}

/** The annotation of an entry that is said of another one, whose digest it is: of an attestation. */
export const referenceDigest = 'vnd.docker.reference.digest'

/** The most entries of an index, a layout's index.json apart. */
const maxManifests = 4096

/** The index in these bytes; refused like a manifest, and if it could be read as a manifest. */
export function parseIndex(data: Uint8Array | string, mediaType?: string): Index {
  return readIndex(parseUntrustedJson(data, 'index'), { mediaType })
}

/** The same for JSON that has been parsed. `max`: the most entries. */
export function readIndex(
  value: unknown,
  options: { readonly mediaType?: string | undefined; readonly max?: number | undefined } = {},
): Index {
  const { mediaType, max = maxManifests } = options
  const fields = new Fields(value, 'index')
  checkDocumentType(fields, { expected: mediaType, fits: isIndexType, foreign: ['config', 'layers', 'fsLayers'] })
  return omitUndefined({
    schemaVersion: 2 as const,
    mediaType: fields.string('mediaType') || mediaType || mediaTypes.index,
    artifactType: readMediaType(fields, 'artifactType'),
    manifests: fields.required('manifests', fields.array('manifests', max, readDescriptor)),
    subject: readOptionalDescriptor(fields, 'subject'),
    annotations: fields.stringMap('annotations'),
  })
}

/** The index's JSON. */
export function indexToJson(index: Index): string {
  const { mediaType, artifactType, manifests, subject, annotations } = index
  return JSON.stringify({
    schemaVersion: 2,
    mediaType,
    artifactType,
    manifests: manifests.map(descriptorToJson),
    subject: subject && descriptorToJson(subject),
    annotations,
  })
}

/**
 * The entry for that platform: a manifest that fits it best, else a nested index. Attestations (`unknown/unknown`) are
 * never chosen. An entry without platform is taken if it is the only one.
 */
export function selectManifest(index: Index, platform: Platform): Descriptor | undefined {
  const real = index.manifests.filter(
    ({ platform }) => platform?.os !== 'unknown' || platform.architecture !== 'unknown',
  )
  const manifests = real.filter(({ mediaType }) => isManifestType(mediaType))
  const best = bestPlatform(manifests, platform)
  if (best) return best
  const [only, ...others] = manifests.filter(({ platform }) => platform === undefined)
  if (only && others.length === 0) return only
  const nested = real.filter(({ mediaType }) => isIndexType(mediaType))
  return bestPlatform(nested, platform) ?? nested.find(({ platform }) => platform === undefined)
}
