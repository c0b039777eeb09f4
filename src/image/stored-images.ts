// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { formatPlatform, hostPlatform } from '../oci/platform.js'
import { familiarReference, parseReference } from '../oci/reference.js'
import { hostAnnotation, type NamedImage } from '../store/image-names.js'
import type { Store } from '../store/store.js'
import { debugLog } from '../util/debug-log.js'
import { type ImageContent, readContent, resolveAnyManifest, resolveManifest } from './image-content.js'
import type { ImageContext } from './image-context.js'
import type { ImageRecord } from './image-record.js'

/** An image with the entry of index.json that leads to it. */
export interface StoredImage {
  readonly record: ImageRecord
  readonly content: ImageContent
  /** As index.json has them: its first entry and all its names in full. */
  readonly entry: Descriptor
  readonly names: readonly string[]
}

// Content never changes, so what was read once of an entry holds for as long as the entry does: a file of names that was
// written anew has new entries. An index has another image for each platform.
const contents = new WeakMap<Descriptor, Map<string, ImageContent>>()

// The same for lists: another one comes of a file that was written anew.
const catalogues = new WeakMap<readonly NamedImage[], Catalogue>()

interface Catalogue {
  /** In the order in which they were named. */
  readonly groups: ReadonlyMap<Digest, Group>
  readonly byName: ReadonlyMap<string, Group>
}

/** All images, in the order in which they were named. What is damaged or meant for other tools is passed over. */
export async function storedImages(context: ImageContext): Promise<readonly StoredImage[]> {
  const images: StoredImage[] = []
  for (const group of (await catalogue(context)).groups.values()) {
    try {
      images.push(await imageOf(context, group))
    } catch (error) {
      if (!EngineError.is(error) || !passedOver.includes(error.code)) throw error
      debugLog('image %s is passed over: %s', group.entry.digest, error.message)
    }
  }
  return images
}

/** The image that those names lead to. */
export async function storedImage(
  context: ImageContext,
  fits: (image: NamedImage) => boolean,
): Promise<StoredImage | undefined> {
  const found = (await context.store.images.list()).find(fits)
  return found && (await storedEntry(context, found.descriptor.digest))
}

/** The image of that name in full. */
export async function storedNamed(context: ImageContext, name: string): Promise<StoredImage | undefined> {
  const group = (await catalogue(context)).byName.get(name)
  return group && (await imageOf(context, group))
}

/** The image that entries of that digest lead to. */
export async function storedEntry(context: ImageContext, digest: Digest): Promise<StoredImage | undefined> {
  const group = (await catalogue(context)).groups.get(digest)
  return group && (await imageOf(context, group))
}

async function catalogue({ store }: ImageContext): Promise<Catalogue> {
  const named = await store.images.list()
  const known = catalogues.get(named) ?? catalogueOf(named)
  catalogues.set(named, known)
  return known
}

const passedOver: readonly string[] = [
  'ERR_IMAGE_INVALID',
  'ERR_IMAGE_NOT_FOUND',
  'ERR_IMAGE_PLATFORM',
  'ERR_STORE_CORRUPT',
  'ERR_UNSUPPORTED',
]

interface Group {
  readonly entry: Descriptor
  readonly names: readonly string[]
  readonly host: boolean
}

// One image for each manifest, with all its names.
function catalogueOf(named: readonly NamedImage[]): Catalogue {
  const groups = new Map<Digest, { entry: Descriptor; names: string[]; host: boolean }>()
  const byName = new Map<string, Group>()
  for (const { name, descriptor } of named) {
    const group = groups.get(descriptor.digest) ?? { entry: descriptor, names: [], host: false }
    groups.set(descriptor.digest, group)
    group.host ||= descriptor.annotations?.[hostAnnotation] === 'true'
    if (name === null) continue
    group.names.push(name)
    if (!byName.has(name)) byName.set(name, group)
  }
  return { groups, byName }
}

async function imageOf(context: ImageContext, { entry, names, host }: Group): Promise<StoredImage> {
  const content = await contentOf(context, entry)
  return { content, entry, names, record: recordOf(content, { entry, names, host }) }
}

async function contentOf(context: ImageContext, entry: Descriptor): Promise<ImageContent> {
  const byPlatform = contents.get(entry) ?? new Map<string, ImageContent>()
  contents.set(entry, byPlatform)
  const key = context.platform ? formatPlatform(context.platform) : ''
  const content = byPlatform.get(key) ?? (await readStored(context, entry))
  byPlatform.set(key, content)
  return content
}

// An index without an image for this machine has others, which are better than none where nobody named a platform.
async function readStored({ store, platform }: ImageContext, entry: Descriptor): Promise<ImageContent> {
  const read = (descriptor: Descriptor) => readStoredBlob(store, descriptor)
  const wanted = platform ?? hostPlatform()
  const manifest = platform ? await resolveManifest(read, entry, wanted) : await resolveAnyManifest(read, entry, wanted)
  return await readContent(read, manifest)
}

/** A small blob of the store; ERR_STORE_CORRUPT where it is not there. */
export async function readStoredBlob(store: Store, { digest }: Descriptor): Promise<Uint8Array> {
  const data = await store.blobs.read(digest)
  if (data !== null) return data
  throw new EngineError({
    code: 'ERR_STORE_CORRUPT',
    message: `${digest} is not in the store`,
    object: digest,
    hint: 'pull, load or import the image again',
  })
}

function recordOf(
  { descriptor, manifest, document, layers }: ImageContent,
  { entry, names, host }: Group,
): ImageRecord {
  const created = document.created === undefined ? Number.NaN : Date.parse(document.created)
  return {
    id: manifest.config.digest,
    digest: descriptor.digest,
    entry: entry.digest,
    tags: names.flatMap(tagOf),
    platform: document.platform,
    config: document.config,
    sizeBytes: manifest.config.size + layers.reduce((sum, { blob }) => sum + blob.size, 0),
    createdAt: Number.isNaN(created) ? null : new Date(created),
    layers: layers.map(({ blob, diffId }) => ({ digest: blob.digest, diffId, sizeBytes: blob.size })),
    history: document.history,
    host,
  }
}

const tags = new Map<string, readonly string[]>()
const maxTags = 256

// Each create asks for the same few.
function tagOf(name: string): readonly string[] {
  const known = tags.get(name)
  if (known) return known
  if (tags.size >= maxTags) tags.clear()
  const found = readTag(name)
  tags.set(name, found)
  return found
}

// Other tools give names that are no references; the image is there all the same.
function readTag(name: string): readonly string[] {
  try {
    const reference = parseReference(name)
    return reference.tag === undefined ? [] : [familiarReference({ ...reference, digest: undefined })]
  } catch {
    return []
  }
}
