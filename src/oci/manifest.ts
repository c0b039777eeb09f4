// SPDX-License-Identifier: Apache-2.0
import { type Descriptor, descriptorToJson, omitUndefined, readDescriptor, readMediaType } from './descriptor.js'
import { Fields, invalidField } from './fields.js'
import { parseUntrustedJson } from './json.js'
import { isManifestType, mediaTypes } from './media-types.js'

/** An image of one platform: its config and layers (OCI image-spec 1.1, "Image Manifest"; Docker's schema 2). */
export interface Manifest {
  readonly schemaVersion: 2
  /** As written; the OCI type where it was left out. */
  readonly mediaType: string
  readonly artifactType?: string | undefined
  readonly config: Descriptor
  /** Lowest first. */
  readonly layers: readonly Descriptor[]
  readonly subject?: Descriptor | undefined
  readonly annotations?: Readonly<Record<string, string>> | undefined
}

/** More layers than any overlay can stack; a manifest with more is an attack. */
export const maxLayers = 1024

/**
 * The manifest in these bytes. ERR_IMAGE_INVALID for everything malformed, and for a document that could be read as an
 * index too (CVE-2021-41190). `mediaType`: what the descriptor or the Content-Type said; it has to agree.
 */
export function parseManifest(data: Uint8Array | string, mediaType?: string): Manifest {
  return readManifest(parseUntrustedJson(data, 'manifest'), mediaType)
}

/** The same for JSON that has been parsed. */
export function readManifest(value: unknown, mediaType?: string): Manifest {
  const fields = new Fields(value, 'manifest')
  checkDocumentType(fields, { expected: mediaType, fits: isManifestType, foreign: ['manifests', 'fsLayers'] })
  return omitUndefined({
    schemaVersion: 2 as const,
    mediaType: fields.string('mediaType') || mediaType || mediaTypes.manifest,
    artifactType: readMediaType(fields, 'artifactType'),
    config: readDescriptor(fields.required('config', fields.raw('config')), 'manifest.config'),
    layers: fields.required('layers', fields.array('layers', maxLayers, readDescriptor)),
    subject: readOptionalDescriptor(fields, 'subject'),
    annotations: fields.stringMap('annotations'),
  })
}

/** The manifest's JSON, in the order of members that other tools write. */
export function manifestToJson(manifest: Manifest): string {
  const { config, layers, subject, annotations, artifactType } = manifest
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: manifest.mediaType,
    artifactType,
    config: descriptorToJson(config),
    layers: layers.map(descriptorToJson),
    subject: subject && descriptorToJson(subject),
    annotations,
  })
}

/** A member that is a descriptor if it is there. */
export function readOptionalDescriptor(fields: Fields, key: string): Descriptor | undefined {
  const value = fields.raw(key)
  return value === undefined ? undefined : readDescriptor(value, `${fields.path}.${key}`)
}

interface DocumentType {
  readonly expected: string | undefined
  readonly fits: (mediaType: string) => boolean
  /** Members that belong to the other kind of document. */
  readonly foreign: readonly string[]
}

/** Refuses a document that is not version 2, of another type than expected, or has members of the other kind. */
export function checkDocumentType(fields: Fields, type: DocumentType): void {
  const version = fields.integer('schemaVersion')
  if (version !== 2) throw invalidField(`${fields.path}.schemaVersion`, `expected 2, got ${version ?? 'nothing'}`)
  const own = fields.string('mediaType') || undefined
  for (const mediaType of [own, type.expected]) {
    if (mediaType !== undefined && !type.fits(mediaType))
      throw invalidField(`${fields.path}.mediaType`, `'${mediaType}' does not fit`)
  }
  if (own !== undefined && type.expected !== undefined && own !== type.expected) {
    throw invalidField(`${fields.path}.mediaType`, `says '${own}', but was announced as '${type.expected}'`)
  }
  for (const key of type.foreign) {
    if (fields.has(key))
      throw invalidField(fields.path, `has the member '${key}', which belongs to another kind of document`)
  }
}
