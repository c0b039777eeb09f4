// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import type { Descriptor } from '../oci/descriptor.js'
import { indexToJson, parseIndex, referenceDigest } from '../oci/image-index.js'
import { isIndexType, mediaTypes } from '../oci/media-types.js'
import { formatPlatform } from '../oci/platform.js'
import { familiarReference, parseReference } from '../oci/reference.js'
import { getStoredAgain } from './find-image.js'
import type { ImageContext } from './image-context.js'
import { fullTag } from './image-options.js'
import type { ImageRecord } from './image-record.js'
import { addContent } from './keep-image.js'
import { nameImage } from './name-image.js'
import { readStoredBlob } from './stored-images.js'

/** An image of several platforms: its name leads to the one that fits. */
export interface ImageIndex {
  /** Its name: `my/app:1`. */
  readonly reference: string
  /** Of the index. */
  readonly digest: string
  /** `linux/arm64/v8`. */
  readonly platforms: readonly string[]
}

/**
 * Gives several images of different platforms one name, as an OCI image index; attestations of theirs come along. ERR_INVALID_ARGUMENT
 * where two are for the same platform.
 */
export async function createIndex(
  context: ImageContext,
  reference: string,
  images: readonly ImageRecord[],
  signal?: AbortSignal,
): Promise<ImageIndex> {
  const name = fullTag(reference, 'reference')
  const platforms = images.map(({ platform }) => formatPlatform(platform))
  const twice = platforms.find((platform, at) => platforms.indexOf(platform) !== at)
  if (images.length === 0) throw invalidArgument('images', 'an index needs at least one image')
  if (twice !== undefined) throw invalidArgument('images', `two of them are for ${twice}`)
  if (images.some(({ host }) => host)) throw invalidArgument('images', 'the image of the host means nothing elsewhere')
  const digest = await addContent(context, signal, async () => {
    const entries = await Promise.all(images.map((image) => entriesFor(context, image)))
    // What is said of images comes after them, as other tools have it.
    const manifests = [...entries.map(({ image }) => image), ...entries.flatMap(({ attestations }) => attestations)]
    const document = indexToJson({ schemaVersion: 2, mediaType: mediaTypes.index, manifests })
    const blob = await context.store.blobs.put(document)
    await nameImage(context.store, name, { mediaType: mediaTypes.index, ...blob }, signal)
    return blob.digest
  })
  return { reference: familiarReference(parseReference(name)), digest, platforms }
}

interface ImageEntries {
  readonly image: Descriptor
  readonly attestations: readonly Descriptor[]
}

async function entriesFor(context: ImageContext, image: ImageRecord): Promise<ImageEntries> {
  const { content, entry } = await getStoredAgain(context, image)
  const { mediaType, digest, size } = content.descriptor
  const isAbout = ({ annotations }: Descriptor) => annotations?.[referenceDigest] === digest
  const beside = isIndexType(entry.mediaType)
    ? parseIndex(await readStoredBlob(context.store, entry), entry.mediaType).manifests.filter(isAbout)
    : []
  return { image: { mediaType, digest, size, platform: image.platform }, attestations: beside }
}
