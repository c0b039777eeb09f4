// SPDX-License-Identifier: Apache-2.0
import type { EngineError } from '../errors/engine-error.js'
import { retry } from '../util/retry.js'

/** The longest pause that a registry may ask for; one that wants more is not asked again. In milliseconds. */
export const longestPauseMs = 30_000

const verdicts = new WeakMap<object, true | number>()

/** Marks an error as worth another try, after that pause in milliseconds if one is named. */
export function worthRetrying(error: EngineError, pauseMs: number | null = null): EngineError {
  if (pauseMs === null) verdicts.set(error, true)
  else if (pauseMs <= longestPauseMs) verdicts.set(error, pauseMs)
  return error
}

/** Whether the error was marked so: what `retryIf` of {@link retry} returns. */
export function retryVerdict(error: unknown): boolean | number {
  return (typeof error === 'object' && error !== null ? verdicts.get(error) : false) ?? false
}

/** Tries again what is worth it, with growing pauses. */
export function withRetries<T>(
  work: () => Promise<T>,
  options: { readonly attempts: number; readonly signal: AbortSignal | undefined },
): Promise<T> {
  return retry(work, { ...options, delayMs: 200, maxDelayMs: longestPauseMs, retryIf: retryVerdict })
}
