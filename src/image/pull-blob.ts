// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { Descriptor } from '../oci/descriptor.js'
import { storeFailure } from '../store/store-failure.js'
import type { TransferContext } from './pull-context.js'
import { openPartial, removePartial } from './pull-partial.js'
import { type BlobTransfer, type Transferred, transferBlob } from './pull-transfer.js'

/**
 * Downloads a blob into the store, and has it read on the way; visible once it is complete and has its digest. The caller holds the
 * blob's lock and a lease. What came before an abort, or before the registry failed, is kept for the next time. Of wrong content
 * nothing is kept; it is fetched once more, from the registry itself, before it is ERR_DIGEST_MISMATCH.
 */
export async function pullBlob<T>(context: TransferContext, transfer: BlobTransfer<T>): Promise<T> {
  const right = ({ digest, size }: Transferred<T>) => digest === transfer.blob.digest && size === transfer.blob.size
  const first = await attempt(context, transfer, right)
  if (right(first)) return resultOf(first)
  const second = await attempt(context, { ...transfer, mirrors: false }, right)
  if (right(second)) return resultOf(second)
  throw mismatch(transfer.blob, second)
}

async function attempt<T>(
  { store }: TransferContext,
  transfer: BlobTransfer<T>,
  right: (transferred: Transferred<T>) => boolean,
): Promise<Transferred<T>> {
  const { blob, callerSignal } = transfer
  const partial = await openPartial(store.paths, blob)
  try {
    const transferred = await transferBlob(transfer, partial)
    if (!right(transferred) || 'error' in transferred.outcome) await removePartial(store.paths, blob.digest)
    else if (transferred.rewritten) await store.blobs.adopt(partial.path, blob)
    else await store.blobs.keep(partial, blob)
    return transferred
  } catch (error) {
    const failure = storeFailure(error, 'write blob', partial.path)
    if (!isWorthKeeping(failure, callerSignal)) await removePartial(store.paths, blob.digest)
    throw failure
  } finally {
    await partial.file.close()
  }
}

function resultOf<T>({ outcome }: Transferred<T>): T {
  if ('error' in outcome) throw outcome.error
  return outcome.result
}

/** Whether what came so far is of use to the next pull: after an abort, and where it is the registry that failed. A full disk is not to stay full. */
export function isWorthKeeping(error: unknown, callerSignal: AbortSignal | undefined): boolean {
  if (callerSignal?.aborted) return true
  return EngineError.is(error) && (error.code.startsWith('ERR_REGISTRY_') || error.code === 'ERR_SUPERVISOR_LOST')
}

function mismatch({ digest, size }: Descriptor, came: { readonly digest: string; readonly size: number }): EngineError {
  return new EngineError({
    code: 'ERR_DIGEST_MISMATCH',
    message: `for ${digest} (${size} bytes) the registry sent ${came.digest} (${came.size} bytes)`,
    object: digest,
    hint: 'a mirror or proxy on the way may be broken, or somebody changes what goes by',
  })
}
