// SPDX-License-Identifier: Apache-2.0
import { getStoredAgain } from './find-image.js'
import type { ImageContext } from './image-context.js'
import { fullTag } from './image-options.js'
import type { ImageRecord } from './image-record.js'
import { nameImage } from './name-image.js'

/** Gives the image one more name, taking it from whichever image had it. Returns the image with its names. */
export async function tagImage(
  context: ImageContext,
  image: ImageRecord,
  reference: string,
  signal?: AbortSignal,
): Promise<ImageRecord> {
  const name = fullTag(reference, 'reference')
  const { entry } = await getStoredAgain(context, image)
  await nameImage(context.store, name, entry, signal)
  return (await getStoredAgain(context, image)).record
}
