// SPDX-License-Identifier: Apache-2.0
import { type Digest, parseDigest } from './digest.js'
import { Fields, invalidField } from './fields.js'
import { type Platform, platformToJson, readPlatform } from './platform.js'

/** Points to content: what it is, how large, and its digest (OCI image-spec 1.1, "Content Descriptors"). */
export interface Descriptor {
  /** What it is: `application/vnd.oci.image.manifest.v1+json`. */
  readonly mediaType: string
  /** Of the content. */
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
  /** Other places that have it. */
  readonly urls?: readonly string[] | undefined
  /** Notes of who made it; inert. */
  readonly annotations?: Readonly<Record<string, string>> | undefined
  /** The content itself, base64, where it was embedded. */
  readonly data?: string | undefined
  /** What kind of thing a manifest describes that is no image. */
  readonly artifactType?: string | undefined
  /** What the image is made for. */
  readonly platform?: Platform | undefined
}

const mediaTypePattern = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/
const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Checks a descriptor from a stranger's JSON; ERR_IMAGE_INVALID with the path of what is wrong. */
export function readDescriptor(value: unknown, path: string): Descriptor {
  const fields = new Fields(value, path)
  const platform = fields.object('platform')
  const mediaType = fields.required('mediaType', readMediaType(fields, 'mediaType'))
  return omitUndefined({
    mediaType,
    digest: parseDigest(fields.raw('digest'), path === '' ? 'digest' : `${path}.digest`),
    size: readSize(fields),
    urls: fields.array('urls', 64, readUrl),
    annotations: fields.stringMap('annotations'),
    data: readData(fields),
    artifactType: readMediaType(fields, 'artifactType'),
    platform: platform && readPlatform(platform),
  })
}

/** The descriptor as JSON has it. */
export function descriptorToJson(descriptor: Descriptor): Record<string, unknown> {
  const { platform, ...rest } = descriptor
  return platform ? { ...rest, platform: platformToJson(platform) } : rest
}

/** The member as a media type. Docker wrote an empty one where there is none. */
export function readMediaType(fields: Fields, key: string): string | undefined {
  const mediaType = fields.string(key)
  if (mediaType === undefined || mediaTypePattern.test(mediaType)) return mediaType
  throw invalidField(`${fields.path}.${key}`, 'is not a media type')
}

function readSize(fields: Fields): number {
  const size = fields.required('size', fields.integer('size'))
  if (size < 0) throw invalidField(`${fields.path}.size`, 'is negative')
  return size
}

function readUrl(value: unknown, path: string): string {
  if (
    typeof value !== 'string' ||
    value.length > 8192 ||
    !/^[A-Za-z][A-Za-z0-9+.-]*:/.test(value) ||
    !URL.canParse(value)
  ) {
    throw invalidField(path, 'is not a URL')
  }
  return value
}

function readData(fields: Fields): string | undefined {
  const data = fields.string('data')
  if (data !== undefined && !base64Pattern.test(data)) throw invalidField(`${fields.path}.data`, 'is not base64')
  return data
}

/** The object without the members that are undefined, so that its JSON and its keys say the same. */
export function omitUndefined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T
}
