// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { isDigest } from '../oci/digest.js'
import { formatPlatform, type Platform } from '../oci/platform.js'
import { bestPlatform } from '../oci/platform-match.js'
import { canonicalReference, parseReference, type Reference, repositoryOf, withDefaultTag } from '../oci/reference.js'
import { sourceAnnotation } from '../store/image-names.js'
import { isIdPrefix } from '../util/random-id.js'
import type { ImageContext } from './image-context.js'
import type { ImageRecord } from './image-record.js'
import { type StoredImage, storedEntry, storedImage, storedImages, storedNamed } from './stored-images.js'

/**
 * The image of that name (`debian`, `debian:bookworm`, `debian@sha256:…`), id (`sha256:…`, or its hex digits) or unique beginning of
 * an id. ERR_IMAGE_NOT_FOUND, ERR_AMBIGUOUS_ID; ERR_INVALID_REFERENCE for a text that is neither name nor id.
 */
export async function getImage(context: ImageContext, reference: string): Promise<ImageRecord> {
  return (await getStored(context, reference)).record
}

/** The same for a platform: ERR_IMAGE_PLATFORM where the image is for others only. */
export async function getImageFor(context: ImageContext, reference: string, platform: Platform): Promise<ImageRecord> {
  const found = await findForPlatform(context, reference, platform)
  if (found) return found.record
  throw wrongPlatform(await getImage(context, reference), platform)
}

/** ERR_IMAGE_PLATFORM for an image that is there for another platform. */
export function wrongPlatform({ tags, id, platform }: ImageRecord, wanted: Platform): EngineError {
  const actual = formatPlatform(platform)
  return new EngineError({
    code: 'ERR_IMAGE_PLATFORM',
    message: `the image ${quoted(tags[0] ?? id)} is for ${actual}, not for ${formatPlatform(wanted)}`,
    option: 'platform',
    hint: `it is there for: ${actual}`,
  })
}

/** The same, or undefined where there is none. */
export async function findImage(context: ImageContext, reference: string): Promise<ImageRecord | undefined> {
  return (await findStored(context, reference))?.record
}

/** The same with everything that is known of it. */
export async function getStored(context: ImageContext, reference: string): Promise<StoredImage> {
  const found = await findStored(context, reference)
  if (found) return found
  throw notFound(reference)
}

/**
 * The image of that name for a platform, undefined where there is none: of an index the one that fits, and of what was pulled for several
 * platforms, one after the other, whichever that was.
 */
export async function findForPlatform(
  context: ImageContext,
  reference: string,
  platform: Platform,
): Promise<StoredImage | undefined> {
  const fits = ({ record }: StoredImage) => bestPlatform([record], platform) !== undefined
  const named = await findStored({ ...context, platform }, reference).catch((error: unknown) => {
    if (EngineError.is(error, 'ERR_IMAGE_PLATFORM')) return undefined
    throw error
  })
  if (named === undefined || fits(named)) return named
  const source = named.entry.annotations?.[sourceAnnotation]
  const isSibling = ({ entry }: StoredImage) => entry.annotations?.[sourceAnnotation] === source
  return source === undefined
    ? undefined
    : (await storedImages(context)).find((image) => isSibling(image) && fits(image))
}

/** The image of a record that was read before: what the same names lead to, else the same manifest under others. */
export async function getStoredAgain(context: ImageContext, record: ImageRecord): Promise<StoredImage> {
  const found =
    (await storedAs(context, record)) ??
    (await storedImages(context)).find((image) => image.record.digest === record.digest)
  if (found) return found
  throw notFound(record.tags[0] ?? record.id)
}

// Of an index, the image for the record's platform.
async function storedAs(context: ImageContext, { entry, digest, platform }: ImageRecord) {
  const found = await storedEntry(context, entry)
  if (found === undefined || found.record.digest === digest) return found
  return await storedEntry({ ...context, platform }, entry)
}

async function findStored(context: ImageContext, text: string): Promise<StoredImage | undefined> {
  if (typeof text !== 'string' || text === '')
    throw invalidArgument('image', `expected a name or id, got ${quoted(text)}`)
  const prefix = /^(?:sha256:)?([0-9a-f]+)$/.exec(text)?.[1]
  // Not any digest: by its grammar `debian:bookworm` is one too.
  const isFullDigest = /^sha(256|512):/.test(text) && isDigest(text)
  if (isFullDigest || (prefix !== undefined && prefix.length === 64)) return await byId(context, prefix ?? text)
  const isShortId = prefix !== undefined && isIdPrefix(prefix)
  const byName = text.startsWith('sha256:') ? undefined : await findNamed(context, text, isShortId)
  return byName ?? (isShortId ? await byPrefix(context, prefix) : undefined)
}

async function findNamed(context: ImageContext, text: string, orId: boolean): Promise<StoredImage | undefined> {
  let reference: Reference
  try {
    reference = parseReference(text)
  } catch (error) {
    if (orId) return undefined
    throw error
  }
  return await findByReference(context, reference)
}

/** The image of that name, undefined where there is none; with a digest, whatever its tag. */
export async function findByReference(context: ImageContext, reference: Reference): Promise<StoredImage | undefined> {
  const name = canonicalReference(withDefaultTag(reference))
  const found = await storedNamed(context, name)
  if (found || reference.digest === undefined) return found
  return await byRepositoryAndDigest(context, reference)
}

// A tag beside a digest is only a comment: the digest decides. It may be that of the index that the image was pulled from.
async function byRepositoryAndDigest(context: ImageContext, reference: Reference): Promise<StoredImage | undefined> {
  const repository = repositoryOf(reference)
  const isOfRepository = (name: string) => name.startsWith(`${repository}:`) || name.startsWith(`${repository}@`)
  const pulled = await storedImage(
    context,
    ({ name, descriptor }) =>
      name !== null &&
      isOfRepository(name) &&
      (descriptor.digest === reference.digest || descriptor.annotations?.[sourceAnnotation] === reference.digest),
  )
  if (pulled) return pulled
  return (await storedImages(context)).find(
    ({ entry, record, names }) =>
      (record.digest === reference.digest || entry.digest === reference.digest) && names.some(isOfRepository),
  )
}

async function byId(context: ImageContext, id: string): Promise<StoredImage | undefined> {
  const digest = id.includes(':') ? id : `sha256:${id}`
  const images = await storedImages(context)
  return (
    images.find(({ record }) => record.id === digest) ??
    images.find(({ record, entry }) => record.digest === digest || entry.digest === digest)
  )
}

async function byPrefix(context: ImageContext, prefix: string): Promise<StoredImage | undefined> {
  const images = (await storedImages(context)).filter(({ record }) => record.id.startsWith(`sha256:${prefix}`))
  if (new Set(images.map(({ record }) => record.id)).size <= 1) return images[0]
  throw new EngineError({
    code: 'ERR_AMBIGUOUS_ID',
    message: `the id ${quoted(prefix)} fits ${images.length} images`,
    object: prefix,
    hint: 'give more of its digits',
  })
}

/** ERR_IMAGE_NOT_FOUND; `cause` is what the registry said. */
export function notFound(reference: string, cause?: EngineError): EngineError {
  const where = cause ? 'in the store nor on its registry' : 'in the store'
  return new EngineError({
    code: 'ERR_IMAGE_NOT_FOUND',
    message: `there is no image ${quoted(reference, 300)} ${where}`,
    object: reference,
    hint: cause?.hint ?? otherWays,
    ...(cause && { cause }),
  })
}

const otherWays =
  'get one: Image.pull(name), Image.load(OCI layout or docker save), Image.import(rootfs tar), Image.fromDirectory(path) or Image.host()'
