// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { signalName, signalNumber } from '../../../src/runtime/signal-number.js'

test.each([
  ['SIGTERM', 15],
  ['term', 15],
  ['9', 9],
  [9, 9],
  ['SIGRTMIN', 34],
  ['SIGRTMIN+3', 37],
  ['RTMAX', 64],
  ['SIGRTMAX-1', 63],
])('%s is %i', (value, number) => {
  expect(signalNumber(value, 'signal')).toBe(number)
})

test.each(['SIGNOPE', 0, 65, -1, 1.5, '', 'SIGRTMIN+31', 'SIGRTMAX+1', null])('%s is none', (value) => {
  expect(() => signalNumber(value, 'stopSignal')).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', option: 'stopSignal' }),
  )
})

test('numbers have the usual one of several names', () => {
  expect([6, 17, 29, 31, 34, 36].map(signalName)).toEqual([
    'SIGABRT',
    'SIGCHLD',
    'SIGIO',
    'SIGSYS',
    'SIGRTMIN+0',
    'SIGRTMIN+2',
  ])
  expect(signalName(null)).toBeNull()
})
