// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { getStoredAgain } from './find-image.js'
import type { ImageContext } from './image-context.js'
import { fullTag } from './image-options.js'
import type { ImageRecord } from './image-record.js'

/** Takes one of its names away. Returns the image with those that it has left. */
export async function untagImage(context: ImageContext, image: ImageRecord, reference: string): Promise<ImageRecord> {
  const name = fullTag(reference, 'reference')
  const { entry, record } = await getStoredAgain(context, image)
  if (await context.store.images.unname(name, entry.digest)) return (await getStoredAgain(context, image)).record
  const names = record.tags.length > 0 ? `its names are: ${record.tags.join(', ')}` : 'it has none'
  throw invalidArgument('reference', `${quoted(reference)} is no name of the image`, names)
}
