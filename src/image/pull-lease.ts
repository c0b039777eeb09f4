// SPDX-License-Identifier: Apache-2.0
import { markContent } from './adding-mark.js'
import type { ImageContext } from './image-context.js'
import { pullMark } from './pull-abandoned.js'
import { isWorthKeeping } from './pull-blob.js'
import { collectNow } from './remove-image.js'

/**
 * Runs `pull` under a lease. What it brought stays after an abort or a failure of the registry, for the next pull to go on from, and with
 * it a mark, so that it is not kept for ever; after any other failure what nothing needs is removed.
 */
export async function whilePulling<T>(
  context: ImageContext,
  signal: AbortSignal | undefined,
  pull: () => Promise<T>,
): Promise<T> {
  // A supervisor that starts empties tmp/: it has to be there before anything of ours is.
  await context.connection()
  const lease = await context.store.lease(signal)
  try {
    const unmark = await markContent(context.store, pullMark)
    try {
      const result = await pull()
      await unmark()
      return result
    } catch (error) {
      await lease.release()
      if (!isWorthKeeping(error, signal) && (await collectNow(context))) await unmark().catch(() => {})
      throw error
    }
  } finally {
    await lease.release()
  }
}
