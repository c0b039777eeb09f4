// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { eachInParallel } from '../../../src/layer/parallel.js'

test('no more than the limit run at once, and all are done', async () => {
  let [running, most] = [0, 0]
  const done: number[] = []
  await eachInParallel([1, 2, 3, 4, 5, 6, 7], { limit: 3 }, async (item) => {
    most = Math.max(most, ++running)
    await sleep(5)
    running--
    done.push(item)
  })
  expect(most).toBe(3)
  expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7])
})

test('the first failure aborts the others, is waited for with them, and is what is thrown', async () => {
  const ended: number[] = []
  const started: number[] = []
  const work = eachInParallel([0, 1, 2, 3], { limit: 2 }, async (item, signal) => {
    started.push(item)
    if (item === 1) throw new RangeError('one')
    try {
      await sleep(60_000, undefined, { signal })
    } finally {
      ended.push(item)
    }
  })
  await expect(work).rejects.toThrow('one')
  expect(started).toEqual([0, 1])
  expect(ended).toEqual([0])
})

test('an abort stops what runs and what has not begun', async () => {
  const abort = new AbortController()
  const started: number[] = []
  const work = eachInParallel([0, 1, 2], { limit: 1, signal: abort.signal }, async (item, signal) => {
    started.push(item)
    abort.abort(new Error('enough'))
    signal.throwIfAborted()
  })
  await expect(work).rejects.toThrow('enough')
  expect(started).toEqual([0])
})
