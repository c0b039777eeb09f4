// SPDX-License-Identifier: Apache-2.0
import { delay } from './delay.js'

/** How often and how patiently to try again. */
export interface RetryOptions {
  /** Tries in all, the first included; 5 by default. */
  readonly attempts?: number | undefined
  /** The pause before the second try, in milliseconds; 100 by default. It doubles from try to try. */
  readonly delayMs?: number | undefined
  /** The longest pause; 10,000 by default. Also caps what `retryIf` asks for. */
  readonly maxDelayMs?: number | undefined
  /** Whether this failure is worth another try; a number is the pause to make in milliseconds (Retry-After). */
  readonly retryIf?: ((error: unknown, attempt: number) => boolean | number) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Runs `work` until it succeeds, the tries are used up, or `retryIf` says no; rejects with the last failure. */
export async function retry<T>(work: (attempt: number) => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const attempts = options.attempts ?? 5
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted()
    try {
      return await work(attempt)
    } catch (error) {
      options.signal?.throwIfAborted()
      if (attempt >= attempts) throw error
      const verdict = options.retryIf?.(error, attempt) ?? true
      if (verdict === false) throw error
      await delay(pauseBefore(attempt, verdict, options), options.signal)
    }
  }
}

function pauseBefore(attempt: number, verdict: true | number, options: RetryOptions): number {
  const longest = options.maxDelayMs ?? 10_000
  if (verdict !== true) return Math.min(Math.max(verdict, 0), longest)
  const pause = Math.min((options.delayMs ?? 100) * 2 ** (attempt - 1), longest)
  // Half of it by chance, so that many who failed together do not come back together.
  return pause / 2 + (Math.random() * pause) / 2
}
