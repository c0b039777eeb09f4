// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest'
import { checkName, randomName } from '../../../src/util/object-name.js'
import { isId, isIdPrefix, randomId, shortId } from '../../../src/util/random-id.js'

it('random ids are ids, differ, and never look like a number', () => {
  const ids = new Set(Array.from({ length: 500 }, randomId))
  expect(ids.size).toBe(500)
  for (const id of ids) {
    expect(isId(id)).toBe(true)
    expect(isIdPrefix(shortId(id))).toBe(true)
    expect(Number.isNaN(Number(shortId(id))) || /e/.test(shortId(id))).toBe(true)
  }
})

it('random names pass the check for names', () => {
  for (let attempt = 0; attempt < 200; attempt++)
    expect(checkName(randomName(attempt % 12))).toMatch(/^[a-z]+_[a-z]+\d*$/)
})

it.each(['a', 'A9', 'web-1', 'a_b.c', '0', 'x'.repeat(128)])('%s is a name', (name) =>
  expect(checkName(name)).toBe(name),
)

it.each(['', '.', '..', '-x', '_x', '.x', 'a/b', 'a b', 'a\0', 'a\n', 'ä', 'x'.repeat(129), 'x'.repeat(5000), 5, null])(
  '%j is refused as a name',
  (name) =>
    expect(() => checkName(name)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', option: 'name' })),
)
