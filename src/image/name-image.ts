// SPDX-License-Identifier: Apache-2.0
import type { Descriptor } from '../oci/descriptor.js'
import type { Store } from '../store/store.js'

/**
 * Gives a name in full, or none, to the image. The image that had the name before stays in the store, without a name if it has no
 * other, until it is removed or pruned.
 */
export async function nameImage(
  store: Store,
  name: string | null,
  entry: Descriptor,
  signal?: AbortSignal,
): Promise<void> {
  const before = name === null ? undefined : await store.images.get(name)
  await store.images.set(name, entry, signal)
  if (before !== undefined && before.digest !== entry.digest) await store.images.set(null, before, signal)
}
