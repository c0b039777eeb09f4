// SPDX-License-Identifier: Apache-2.0

type Act = (reason: unknown) => void

interface Waiting {
  readonly acts: Set<Act>
  readonly stop: () => void
}

// One listener for all that wait for a signal: Node takes more than ten for a leak, and warns of it.
const waitings = new WeakMap<AbortSignal, Waiting>()

/** Calls `act` when the signal aborts (at once if it has); the returned function stops listening. */
export function onAbort(signal: AbortSignal | undefined, act: Act): () => void {
  if (signal === undefined) return () => {}
  if (signal.aborted) {
    act(signal.reason)
    return () => {}
  }
  const { acts, stop } = waitings.get(signal) ?? listenTo(signal)
  // The same function may wait twice.
  const own: Act = (reason) => act(reason)
  acts.add(own)
  return () => {
    if (acts.delete(own) && acts.size === 0) stop()
  }
}

function listenTo(signal: AbortSignal): Waiting {
  const acts = new Set<Act>()
  const listener = () => {
    for (const act of [...acts]) act(signal.reason)
  }
  const stop = () => {
    waitings.delete(signal)
    signal.removeEventListener('abort', listener)
  }
  const waiting = { acts, stop }
  waitings.set(signal, waiting)
  signal.addEventListener('abort', listener, { once: true })
  return waiting
}

/**
 * Runs `work` under a signal: aborted before, it is not called; aborted during, `stop` is called once, the work is
 * waited for, and the result is a rejection with the signal's reason. The listener is gone afterwards.
 */
export async function underSignal<T>(
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
  stop: (reason: unknown) => void,
): Promise<T> {
  signal?.throwIfAborted()
  const promise = work()
  const stopListening = onAbort(signal, stop)
  try {
    return await promise
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  } finally {
    stopListening()
  }
}

/** The promise, or a rejection with the signal's reason as soon as it aborts; what the promise did goes on. */
export function abandonable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const stopListening = onAbort(signal, reject)
    promise.then(resolve, reject).finally(stopListening)
  })
}
