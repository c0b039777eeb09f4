// SPDX-License-Identifier: Apache-2.0
import { markContent } from './adding-mark.js'
import type { ImageContext } from './image-context.js'
import { addContent } from './keep-image.js'
import { pullMark } from './pull-abandoned.js'
import { isWorthKeeping } from './pull-blob.js'

/**
 * Runs `pull` under a lease. What it brought stays after an abort or a failure of the registry, for the next pull to go on from, and with
 * it a mark, so that it is not kept for ever; after any other failure what nothing needs is removed.
 */
export async function whilePulling<T>(
  context: ImageContext,
  signal: AbortSignal | undefined,
  pull: () => Promise<T>,
): Promise<T> {
  return await addContent(context, signal, pull, {
    mark: (store) => markContent(store, pullMark),
    isWorthKeeping: (error) => isWorthKeeping(error, signal),
  })
}
