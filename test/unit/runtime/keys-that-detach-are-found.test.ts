// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { DetachKeyFilter, defaultDetachKeys, parseDetachKeys } from '../../../src/runtime/detach-keys.js'

const typed = (keys: string, ...chunks: readonly string[]) => {
  const filter = new DetachKeyFilter(parseDetachKeys(keys))
  let through = ''
  for (const chunk of chunks) {
    const taken = filter.take(Buffer.from(chunk, 'latin1'))
    through += taken.through.toString('latin1')
    if (taken.detached) return { through, detached: true }
  }
  return { through, detached: false }
}

test('sequences are read as Docker writes them', () => {
  expect([...parseDetachKeys(defaultDetachKeys)]).toEqual([16, 17])
  expect([...parseDetachKeys('ctrl-a,d')]).toEqual([1, 100])
  expect([...parseDetachKeys('ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_')]).toEqual([0, 27, 28, 29, 30, 31])
  expect(parseDetachKeys('')).toHaveLength(0)
  for (const wrong of ['ctrl-', 'ctrl-P', 'alt-x', 'ab', ',', 'ctrl-p,', 'ü'])
    expect(() => parseDetachKeys(wrong)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }))
})

test('they are found in one piece and in many, and what comes before goes through', () => {
  expect(typed('ctrl-p,ctrl-q', 'abc\x10\x11def')).toEqual({ through: 'abc', detached: true })
  expect(typed('ctrl-p,ctrl-q', 'a', '\x10', '\x11')).toEqual({ through: 'a', detached: true })
})

test('what only begins like them is held, and goes through once it goes on otherwise', () => {
  expect(typed('ctrl-p,ctrl-q', '\x10')).toEqual({ through: '', detached: false })
  expect(typed('ctrl-p,ctrl-q', '\x10', 'x')).toEqual({ through: '\x10x', detached: false })
  expect(typed('ctrl-p,ctrl-q', '\x10\x10\x11')).toEqual({ through: '\x10', detached: true })
  expect(typed('ctrl-p,ctrl-q', '\x10', '\x10', 'x')).toEqual({ through: '\x10\x10x', detached: false })
})

test('without a sequence everything goes through', () => {
  expect(typed('', '\x10\x11')).toEqual({ through: '\x10\x11', detached: false })
})
