// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '../oci/digest.js'
import type { Collected } from '../store/collect-garbage.js'
import { check, checkOptions, type Shape } from '../util/validate.js'
import type { ImageContext } from './image-context.js'
import { prunePartials } from './pull-abandoned.js'
import { collectImages } from './remove-image.js'
import { storedImages } from './stored-images.js'

/** Which images to remove. */
export interface PruneImagesOptions {
  /** Also images that have a name, if no container uses them; false by default. */
  readonly all?: boolean | undefined
  /** Aborted: what is removed stays removed, and the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined
}

/** What was removed. */
export interface PrunedImages extends Collected {
  /** Ids. */
  readonly images: readonly Digest[]
}

const shape: Shape<PruneImagesOptions> = { all: check.boolean, signal: check.signal }

/** Removes the images without name that no container uses, and all content that nothing needs any more. */
export async function pruneImages(context: ImageContext, options: PruneImagesOptions = {}): Promise<PrunedImages> {
  checkOptions(options, shape)
  const { all = false, signal } = options
  const used = new Set((await context.uses()).map(({ image }) => image))
  const images: Digest[] = []
  for (const { record, entry, names } of await storedImages(context)) {
    if (used.has(record.digest) || (names.length > 0 && !all)) continue
    await context.store.images.removeImage(entry.digest, signal)
    images.push(record.id)
  }
  const partBytes = await prunePartials(context, signal)
  const collected = await collectImages(context, { graceMs: 0, signal })
  return { images, ...collected, freedBytes: collected.freedBytes + partBytes }
}
