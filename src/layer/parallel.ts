// SPDX-License-Identifier: Apache-2.0
import { onAbort } from '../util/abort.js'

/**
 * Calls `work` for each item, `limit` at a time. The first failure aborts the others and is the one that is thrown, once all
 * have ended.
 */
export async function eachInParallel<T>(
  items: readonly T[],
  options: { readonly limit: number; readonly signal?: AbortSignal | undefined },
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const ended = new AbortController()
  const stopListening = onAbort(options.signal, (reason) => ended.abort(reason))
  const rest = items.values()
  const worker = async () => {
    for (const item of rest) {
      ended.signal.throwIfAborted()
      await work(item, ended.signal)
    }
  }
  const failed = (error: unknown) => ended.abort(error)
  try {
    await Promise.all(Array.from({ length: Math.min(options.limit, items.length) }, () => worker().catch(failed)))
    ended.signal.throwIfAborted()
  } finally {
    stopListening()
  }
}
