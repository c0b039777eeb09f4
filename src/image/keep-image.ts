// SPDX-License-Identifier: Apache-2.0
import type { Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import type { Store } from '../store/store.js'
import { markAdding } from './adding-mark.js'
import type { ImageContext } from './image-context.js'
import type { ImageRecord } from './image-record.js'
import { nameImage } from './name-image.js'
import { collectNow } from './remove-image.js'
import { storedEntry } from './stored-images.js'

interface Keeping {
  /** In full; null keeps the image without a name. */
  readonly name: string | null
  readonly signal?: AbortSignal | undefined
}

/** Runs `make` and lists the image it made, under one lease. */
export async function keepImage(
  context: ImageContext,
  { name, signal }: Keeping,
  make: () => Promise<Descriptor>,
): Promise<ImageRecord> {
  return await addContent(context, signal, async () => {
    const entry = await make()
    await nameImage(context.store, name, entry, signal)
    return await recordOf(context, entry.digest)
  })
}

/** How content is marked that is being added, and which failures leave it for a later attempt. */
export interface Adding {
  readonly mark: (store: Store) => Promise<() => Promise<void>>
  readonly isWorthKeeping: (error: unknown) => boolean
}

const wholeOrNothing: Adding = { mark: markAdding, isWorthKeeping: () => false }

/** Runs `add` under a lease, so that nothing it adds is collected; when it fails, what it added is, unless it is worth keeping. */
export async function addContent<T>(
  context: ImageContext,
  signal: AbortSignal | undefined,
  add: () => Promise<T>,
  { mark, isWorthKeeping }: Adding = wholeOrNothing,
): Promise<T> {
  // A supervisor that starts empties tmp/: it has to be there before anything of ours is.
  await context.connection()
  const lease = await context.store.lease(signal)
  try {
    const unmark = await mark(context.store)
    try {
      const result = await add()
      await unmark()
      return result
    } catch (error) {
      await lease.release()
      // While others are adding content nothing can be collected: then the mark stays, and the next opening does it.
      if (!isWorthKeeping(error) && (await collectNow(context))) await unmark().catch(() => {})
      throw error
    }
  } finally {
    await lease.release()
  }
}

/** The image of an entry that was just written. */
export async function recordOf(context: ImageContext, digest: Digest): Promise<ImageRecord> {
  const stored = await storedEntry(context, digest)
  if (stored) return stored.record
  throw new TypeError(`the image ${digest} vanished`)
}
