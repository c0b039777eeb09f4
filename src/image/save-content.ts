// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { quoted } from '../errors/printable.js'
import type { Descriptor } from '../oci/descriptor.js'
import { type Digest, digestParts } from '../oci/digest.js'
import { indexToJson } from '../oci/image-index.js'
import { layoutHeader, refNameAnnotation } from '../oci/layout.js'
import { isIndexType, mediaTypes } from '../oci/media-types.js'
import { familiarReference, parseReference } from '../oci/reference.js'
import { reachableFrom } from '../store/reachable.js'
import type { Store } from '../store/store.js'
import type { StoredImage } from './stored-images.js'

/** A file of an image archive: its bytes, or the blob that it is. */
export type SavedFile =
  | { readonly path: string; readonly data: string }
  | { readonly path: string; readonly blob: Digest; readonly size: number }

/** What an archive of images is made of. */
export interface SavedContent {
  readonly files: readonly SavedFile[]
  /** Entries of its index.json. */
  readonly entries: readonly Descriptor[]
}

/** What is written: an OCI image layout, or what `docker load` of any version takes. */
export type SaveFormat = 'oci' | 'docker'

const containerdName = 'io.containerd.image.name'

/**
 * The files of an archive of these images. Both formats are OCI layouts, so that digests survive; `docker` has a manifest.json
 * beside, as `docker save` has written since version 25, and the names as that writes them. Equal images make equal files.
 */
export async function contentToSave(
  store: Store,
  images: readonly StoredImage[],
  format: SaveFormat,
): Promise<SavedContent> {
  const entries: Descriptor[] = []
  const blobs = new Map<Digest, number>()
  for (const image of images) {
    const { root, content } = await completeContent(store, image)
    for (const [digest, size] of content) blobs.set(digest, size)
    entries.push(...entriesOf(image, root, format))
  }
  const index = indexToJson({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: entries })
  const documents: SavedFile[] = [
    { path: 'oci-layout', data: layoutHeader },
    { path: 'index.json', data: index },
  ]
  if (format === 'docker') documents.push({ path: 'manifest.json', data: dockerManifest(images) })
  const sorted = [...blobs].sort(([one], [other]) => (one < other ? -1 : 1))
  return { entries, files: [...documents, ...sorted.map(([blob, size]) => ({ path: blobPath(blob), blob, size }))] }
}

/** Where a layout has a blob. */
export function blobPath(digest: Digest): string {
  const { algorithm, hex } = digestParts(digest)
  return `blobs/${algorithm}/${hex}`
}

interface Complete {
  readonly root: Descriptor
  readonly content: ReadonlyMap<Digest, number>
}

// An index goes along as a whole, where everything is there that it names; else only the image for this platform.
async function completeContent(store: Store, { entry, content, record }: StoredImage): Promise<Complete> {
  if (record.host) throw hostImage(record.tags[0] ?? record.id)
  if (isIndexType(entry.mediaType)) {
    const all = await sizesOf(store, (await reachableFrom(store.blobs, [entry])).blobs)
    if (!all.missing) return { root: plain(entry), content: all.sizes }
  }
  const { descriptor, manifest } = content
  const needed = [descriptor, manifest.config, ...manifest.layers].map(({ digest }) => digest)
  const { sizes, missing } = await sizesOf(store, new Set(needed))
  if (missing) throw missingBlob(missing)
  return { root: { ...plain(descriptor), platform: record.platform }, content: sizes }
}

async function sizesOf(store: Store, digests: Iterable<Digest>) {
  const sizes = new Map<Digest, number>()
  for (const digest of digests) {
    const size = await store.blobs.size(digest)
    if (size === undefined) return { sizes, missing: digest }
    sizes.set(digest, size)
  }
  return { sizes, missing: undefined }
}

// Our own annotations mean nothing elsewhere.
function plain({ mediaType, digest, size, platform }: Descriptor): Descriptor {
  return { mediaType, digest, size, ...(platform && { platform }) }
}

function entriesOf({ names }: StoredImage, root: Descriptor, format: SaveFormat): readonly Descriptor[] {
  if (names.length === 0) return [root]
  return names.map((name) => ({
    ...root,
    annotations: { [containerdName]: name, [refNameAnnotation]: format === 'docker' ? tagOf(name) : name },
  }))
}

function tagOf(name: string): string {
  try {
    return parseReference(name).tag ?? name
  } catch {
    return name
  }
}

function dockerManifest(images: readonly StoredImage[]): string {
  const entries = images.map(({ content: { manifest }, names }) => ({
    Config: blobPath(manifest.config.digest),
    RepoTags: names.flatMap(repoTag),
    Layers: manifest.layers.map(({ digest }) => blobPath(digest)),
  }))
  return JSON.stringify(entries)
}

function repoTag(name: string): readonly string[] {
  try {
    const reference = parseReference(name)
    return reference.tag === undefined ? [] : [familiarReference({ ...reference, digest: undefined })]
  } catch {
    return []
  }
}

function hostImage(name: string): EngineError {
  return new EngineError({
    code: 'ERR_UNSUPPORTED',
    message: `the image ${quoted(name)} is this machine’s own /usr, and means nothing elsewhere`,
    object: name,
    hint: 'make an image that can be saved: Image.fromDirectory(path) or Image.import(tar)',
  })
}

function missingBlob(digest: Digest): EngineError {
  return new EngineError({
    code: 'ERR_STORE_CORRUPT',
    message: `${digest} is not in the store`,
    object: digest,
    hint: 'pull, load or import the image again',
  })
}
