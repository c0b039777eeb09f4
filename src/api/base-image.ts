// SPDX-License-Identifier: Apache-2.0
import { getStoredAgain } from '../image/find-image.js'
import type { ImageContext } from '../image/image-context.js'
import type { ImageRecord } from '../image/image-record.js'
import { nameImage } from '../image/name-image.js'
import type { StoredImage } from '../image/stored-images.js'
import { formatPlatform, hostPlatform, type Platform } from '../oci/platform.js'
import { canonicalReference, parseReference, withDefaultTag } from '../oci/reference.js'

interface BaseImage {
  readonly reference: string
  readonly platform: Platform
}

/**
 * Finds an image to build on. One for another platform does not take the name away from that of this machine: whoever runs it by its name
 * afterwards gets what runs here.
 */
export async function findBaseImage(
  images: ImageContext,
  { reference, platform }: BaseImage,
  find: () => Promise<ImageRecord>,
): Promise<StoredImage> {
  const name = canonicalReference(withDefaultTag(parseReference(reference)))
  const isOwn = formatPlatform(platform) === formatPlatform(hostPlatform())
  const before = isOwn ? undefined : await images.store.images.get(name)
  const record = await find()
  if (before) {
    const after = await images.store.images.get(name)
    if (after && after.digest !== before.digest) await nameImage(images.store, name, before)
  }
  return await getStoredAgain(images, record)
}
