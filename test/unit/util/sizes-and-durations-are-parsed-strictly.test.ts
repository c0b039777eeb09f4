// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { EngineError } from '../../../src/errors/engine-error.js'
import { formatByteSize, parseByteSize } from '../../../src/util/byte-size.js'
import { parseDurationMs } from '../../../src/util/duration.js'

function refused(work: () => unknown): EngineError {
  try {
    work()
  } catch (error) {
    if (EngineError.is(error, 'ERR_INVALID_ARGUMENT')) return error
    throw error
  }
  throw new Error('was accepted')
}

describe('parseByteSize', () => {
  it.each([
    [0, 0],
    [512, 512],
    [-0, 0],
    ['7', 7],
    ['7b', 7],
    ['64k', 65536],
    ['64m', 67108864],
    ['1g', 1073741824],
    ['1G', 1073741824],
    ['1.5g', 1610612736],
    ['0.1m', 104857],
    ['256MiB', 268435456],
    ['256 MiB', 268435456],
    ['1KiB', 1024],
    ['2TiB', 2 * 1024 ** 4],
  ])('takes %s as %d bytes', (value, bytes) => expect(parseByteSize(value, 'memory')).toBe(bytes))

  it.each(['64MB', '64mb', '1kB', '2GB'])('refuses %s, which is ambiguous, with the binary unit', (value) => {
    expect(refused(() => parseByteSize(value, 'memory')).hint).toContain('iB')
  })

  it.each([
    '',
    ' 1',
    '1 ',
    '-1',
    '+1',
    '1e3',
    '0x10',
    '1.5',
    '1.5b',
    '.5g',
    '1,5g',
    'm',
    '1x',
    '1 0',
    '٣m',
    '99999999999t',
    '1\n',
    Number.NaN,
    -1,
    1.5,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    null,
    true,
    [],
    10n,
  ])('refuses %s and names the option', (value) => {
    expect(refused(() => parseByteSize(value, 'shmSize')).option).toBe('shmSize')
  })

  it('has its inverse for people', () => {
    expect([0, 1023, 1536, 3 * 1024 ** 3].map(formatByteSize)).toEqual(['0 B', '1023 B', '1.5 KiB', '3 GiB'])
  })
})

describe('parseDurationMs', () => {
  it.each([
    [0, 0],
    [1.5, 1.5],
    ['0', 0],
    ['500ms', 500],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['2us', 0.002],
  ])('takes %s as %d ms', (value, ms) => expect(parseDurationMs(value, 'interval')).toBe(ms))

  it.each(['', '5', '-1s', '1 s', 's', '1mm', '1s ', Number.NaN, -1, Number.POSITIVE_INFINITY, null])(
    'refuses %s',
    (value) => {
      expect(refused(() => parseDurationMs(value, 'interval')).option).toBe('interval')
    },
  )
})
