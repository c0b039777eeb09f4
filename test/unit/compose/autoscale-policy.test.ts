// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { AutoscalePolicy } from '../../../src/compose/deploy/autoscale-policy.js'

/** What it decides second by second, of these loads for the whole service in percent. */
const decided = (loads: readonly number[], start = 1) => {
  const policy = new AutoscalePolicy({ min: 1, max: 5, cpu: 50, cooldownMs: 3000 })
  let count = start
  return loads.map((load, second) => {
    count = policy.decide(second * 1000, count, load / count)
    return count
  })
}

test('more come at once, as many as the load wants, up to the most', () => {
  expect(decided([40, 120, 400])).toEqual([1, 3, 5])
})

test('fewer are left only when they were enough all the time', () => {
  expect(decided([60, 60, 60, 60, 60], 3)).toEqual([3, 3, 3, 2, 2])
  expect(decided([60, 60, 180, 60, 60, 60], 3)).toEqual([3, 3, 4, 4, 4, 4])
  expect(decided([60, 150, 60, 60, 60, 60], 3)).toEqual([3, 3, 3, 3, 3, 2])
})

test('what is nearly right stays', () => {
  expect(decided([53, 54, 46, 47], 1)).toEqual([1, 1, 1, 1])
})

test('the bounds hold whatever the load is; what nobody measured changes nothing', () => {
  const policy = new AutoscalePolicy({ min: 2, max: 3, cpu: 50, cooldownMs: 0 })
  expect(policy.decide(0, 0, null)).toBe(2)
  expect(policy.decide(0, 7, null)).toBe(3)
  expect(policy.decide(0, 2, null)).toBe(2)
  expect(policy.decide(0, 2, 0)).toBe(2)
})
