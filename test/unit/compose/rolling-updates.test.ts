// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { rollingPolicy } from '../../../src/compose/deploy/rolling-policy.js'
import { type RollingSteps, rollingUpdate } from '../../../src/compose/deploy/rolling-update.js'
import type { UpdateModel } from '../../../src/compose/model/deploy-model.js'

/** Steps that write down what is done; those of `bad` never settle. */
const world = (bad: readonly string[] = []) => {
  const done: string[] = []
  const step = (name: string) => async (of: string) => void done.push(`${name} ${of}`)
  const steps: RollingSteps<string, string> = {
    make: async (old) => {
      done.push(`make ${old}'`)
      return `${old}'`
    },
    settle: async (made) => {
      await null
      if (bad.includes(made)) throw new Error(`${made} is bad`)
      done.push(`settled ${made}`)
    },
    discard: step('discard'),
    stop: step('stop'),
    startAgain: step('start'),
    remove: step('remove'),
    failed: (old) => done.push(`failed ${old}`),
  }
  return { done, steps }
}

const roll = async (
  old: readonly string[],
  config: UpdateModel,
  { bad, rollback }: { readonly bad?: readonly string[]; readonly rollback?: UpdateModel } = {},
) => {
  const { done, steps } = world(bad)
  const policies = { update: rollingPolicy(config), rollback: rollingPolicy(rollback) }
  const work = rollingUpdate({ service: 'web', old, ...policies, steps, signal: new AbortController().signal })
  const result = await work.then(
    (map) => [...map.values()],
    (error) => error,
  )
  return { done, result }
}

test('the old one stops first, unless said otherwise, and goes when the new one is settled', async () => {
  const { done, result } = await roll(['a', 'b'], {})
  expect(done).toEqual([
    ...['stop a', "make a'", "settled a'", 'remove a'],
    ...['stop b', "make b'", "settled b'", 'remove b'],
  ])
  expect(result).toEqual(["a'", "b'"])
  expect((await roll(['a'], { order: 'start-first' })).done).toEqual(["make a'", "settled a'", 'stop a', 'remove a'])
})

test('so many are replaced at a time as is said, all for 0, with a delay between', async () => {
  const { done } = await roll(['a', 'b', 'c'], { parallelism: 2, order: 'start-first' })
  expect(done.indexOf("make b'")).toBeLessThan(done.indexOf("settled a'"))
  expect(done.indexOf("make c'")).toBeGreaterThan(done.indexOf('remove b'))
  expect((await roll(['a', 'b', 'c'], { parallelism: 0 })).done.slice(0, 3)).toEqual(['stop a', 'stop b', 'stop c'])
  const began = performance.now()
  await roll(['a', 'b'], { delay: '60ms' })
  expect(performance.now() - began).toBeGreaterThanOrEqual(55)
})

test('a failure pauses: its old one runs again, those after it are left alone', async () => {
  const { done, result } = await roll(['a', 'b', 'c'], {}, { bad: ["b'"] })
  expect(done.slice(4)).toEqual(['stop b', "make b'", "discard b'", 'start b', 'failed b'])
  expect(result).toMatchObject({ code: 'ERR_COMPOSE_UPDATE', object: 'web', message: /1 of 3 .*b' is bad/ })
})

test('rollback brings back those that were replaced, in its own order', async () => {
  const { done, result } = await roll(
    ['a', 'b', 'c'],
    { failure_action: 'rollback', order: 'start-first' },
    { bad: ["c'"], rollback: { parallelism: 0, order: 'start-first' } },
  )
  expect(done).not.toContain('remove a')
  expect(done.slice(-4)).toEqual(['start b', 'start a', "discard b'", "discard a'"])
  expect(result).toMatchObject({ code: 'ERR_COMPOSE_UPDATE', message: /as it was before/ })
})

test('as many failures as the ratio allows are none, and continue goes on', async () => {
  expect((await roll(['a', 'b'], { max_failure_ratio: 0.5 }, { bad: ["a'"] })).result).toEqual(['a', "b'"])
  expect((await roll(['a', 'b'], { failure_action: 'continue' }, { bad: ["a'", "b'"] })).result).toEqual(['a', 'b'])
})
