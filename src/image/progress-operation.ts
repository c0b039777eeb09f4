// SPDX-License-Identifier: Apache-2.0
import { ProgressLog } from './progress-log.js'

/** Something that is under way: a promise of its result, and a loop over its progress. */
export type ProgressOperation<T, P> = Promise<T> & AsyncIterable<P>

/** Tells of progress; of events with the same key a slow reader may see the last one only. */
export type Report<P> = (key: string, event: P) => void

/**
 * Begins `work` at once. Looping over the result marks the promise as handled: the loop then ends with the failure. Leaving the loop does
 * not end the work.
 */
export function beginOperation<T, P>(
  work: (report: Report<P>) => Promise<T>,
  listener?: (event: P) => void,
): ProgressOperation<T, P> {
  const log = new ProgressLog<P>(listener)
  const promise = work((key, event) => log.report(key, event))
  promise.then(
    () => log.end(),
    (error) => log.end({ error }),
  )
  return Object.assign(promise, {
    [Symbol.asyncIterator]: () => {
      promise.catch(() => {})
      return log.events()
    },
  })
}
