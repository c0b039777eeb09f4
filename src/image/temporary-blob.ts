// SPDX-License-Identifier: Apache-2.0
import { type FileHandle, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { stagingName } from '../layer/layer-staging.js'
import type { Digest } from '../oci/digest.js'
import { ingestPrefix } from '../store/ingest.js'
import type { Store } from '../store/store.js'
import { fileStep } from '../store/store-failure.js'

/**
 * Has a worker write a blob beside the store's, and takes it in. What the worker says of it is not taken on trust, since strangers'
 * bytes went through it: the file is hashed once more. Null: there is nothing to keep.
 */
export async function takeBlob<T extends { readonly digest: Digest; readonly size: number } | null>(
  store: Store,
  write: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const path = join(store.paths.tmp, stagingName(ingestPrefix.slice(0, -1)))
  const file = await fileStep('make blob', path, () => open(path, 'wx', 0o644))
  try {
    const written = await write(file)
    if (written) await store.blobs.adopt(path, { digest: written.digest, size: written.size })
    return written
  } finally {
    await file.close()
    await unlink(path).catch(() => {})
  }
}
