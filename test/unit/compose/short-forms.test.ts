// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { composeBytes } from '../../../src/compose/canonical/compose-bytes.js'
import { canonicalDuration, durationNs } from '../../../src/compose/canonical/compose-duration.js'
import { parsePort } from '../../../src/compose/canonical/parse-port.js'
import { parseVolume } from '../../../src/compose/canonical/parse-volume.js'
import { shellWords } from '../../../src/compose/canonical/shell-words.js'
import { plain, readCases } from './support/cases.js'

interface Case {
  readonly input: string
  readonly expected?: unknown
  readonly error?: string | true
}

const check =
  (parse: (input: string) => unknown) =>
  ({ input, expected, error }: Case) => {
    if (error !== undefined) expect(() => parse(input)).toThrow(...(error === true ? [] : [error]))
    else if (expected === undefined) parse(input)
    else expect(plain(parse(input))).toEqual(expected)
  }

describe('ports', () => {
  test.each(readCases<readonly Case[]>('short-syntax/ports.json'))('$input', check(parsePort))
  test.each([
    ['[::1]:80:80', [{ mode: 'ingress', host_ip: '::1', target: 80, published: '80', protocol: 'tcp' }]],
    ['::1:80:80', [{ mode: 'ingress', host_ip: '::1', target: 80, published: '80', protocol: 'tcp' }]],
    ['127.0.0.1::80', [{ mode: 'ingress', host_ip: '127.0.0.1', target: 80, protocol: 'tcp' }]],
    [
      '3000-3001',
      [
        { mode: 'ingress', target: 3000, protocol: 'tcp' },
        { mode: 'ingress', target: 3001, protocol: 'tcp' },
      ],
    ],
  ])('%s', (input, expected) => expect(plain(parsePort(input))).toEqual(expected))
  test.each(['1-3:1-2', '70000:80', 'x:80:80', '80:', '2-1', '80/tcp/udp', '1:2:3:4', ':80:', '-1'])(
    '%s is refused',
    (input) => {
      expect(() => parsePort(input)).toThrow(/nvalid/)
    },
  )
})

describe('volumes', () => {
  test.each(readCases<readonly Case[]>('short-syntax/volumes.json'))(
    '$input',
    check((input) => parseVolume(input).volume),
  )
  test('an option without meaning is told', () => expect(parseVolume('name:/target:bogus').ignored).toEqual(['bogus']))
  test('a drive letter is no section, but a volume may have a name of one letter', () => {
    expect(plain(parseVolume('c:/data').volume)).toEqual({ type: 'volume', source: 'c', target: '/data', volume: {} })
    expect(plain(parseVolume('C:\\data:/data').volume)).toMatchObject({
      type: 'bind',
      source: 'C:\\data',
      target: '/data',
    })
  })
})

describe('sizes', () => {
  test.each(readCases<readonly Case[]>('short-syntax/bytes.json'))('$input', check(composeBytes))
  test.each([
    ['1b', 1],
    ['1.5k', 1536],
    ['2 KB', 2048],
    ['1KiB', 1024],
    ['1gb', 2 ** 30],
    ['1T', 2 ** 40],
  ])('%s', (input, expected) => expect(composeBytes(input)).toBe(expected))
  test.each(['', 'k', '1x', '-1k', '9999999p', '0x10'])('%s is refused', (input) =>
    expect(() => composeBytes(input)).toThrow(),
  )
})

test.each([
  ['90s', '1m30s'],
  ['1h', '1h0m0s'],
  ['1.5s', '1.5s'],
  ['1500ms', '1.5s'],
  ['250ms', '250ms'],
  ['10us', '10µs'],
  ['0', '0s'],
  ['2d', '48h0m0s'],
  ['-5s', '-5s'],
  ['1d1ns', '24h0m0.000000001s'],
])('the duration %s is %s', (input, expected) => expect(canonicalDuration(input)).toBe(expected))
test.each(['', '5', 's', '1x', '1 s', '1s ', '9999999999h'])('the duration %s is refused', (input) =>
  expect(() => durationNs(input)).toThrow(),
)
test('a duration of digits without end takes no quadratic time', () => {
  const started = performance.now()
  expect(() => durationNs('1'.repeat(200_000))).toThrow('invalid duration')
  expect(performance.now() - started).toBeLessThan(3000)
})

test.each([
  ['bundle exec thin -p 3000', ['bundle', 'exec', 'thin', '-p', '3000']],
  [`sh -c "echo 'a b' \\"c\\" \\$x"`, ['sh', '-c', `echo 'a b' "c" $x`]],
  [`a\\ b '' "" c'd'e`, ['a b', '', '', 'cde']],
  ['a && b > c; d', ['a', '&&', 'b', '>', 'c;', 'd']],
  ['a \\\n b\n', ['a', 'b']],
  ['', []],
])('the words of %j', (input, expected) => expect(shellWords(input)).toEqual(expected))
test.each(["'open", '"open', 'end\\'])('%j is no command', (input) => expect(() => shellWords(input)).toThrow())
