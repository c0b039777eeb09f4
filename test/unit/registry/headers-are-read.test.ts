// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { parseChallenges } from '../../../src/registry/challenge.js'
import { parseContentRange, uploadedBytes } from '../../../src/registry/content-range.js'
import { nextLink } from '../../../src/registry/link-header.js'
import { parseRetryAfter } from '../../../src/registry/retry-after.js'

describe('WWW-Authenticate', () => {
  const read = (...headers: string[]) =>
    parseChallenges(headers).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)])

  test('of Docker Hub', () => {
    const header =
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"'
    const expected = {
      realm: 'https://auth.docker.io/token',
      service: 'registry.docker.io',
      scope: 'repository:a/b:pull,push',
    }
    expect(read(header)).toEqual([['bearer', expected]])
  })

  test('with several schemes in one header, and in several', () => {
    const header = 'Negotiate, Basic realm="a, b", Bearer realm="https://x/token" , service=plain, Digest abc123=='
    expect(read(header, 'basic Realm=x')).toEqual([
      ['negotiate', {}],
      ['basic', { realm: 'a, b' }],
      ['bearer', { realm: 'https://x/token', service: 'plain' }],
      ['digest', {}],
      ['basic', { realm: 'x' }],
    ])
  })

  test('with escapes, odd spaces and empty elements', () => {
    expect(read(' ,, bearer  realm = "a\\"b\\\\c" ,, x=1,')).toEqual([['bearer', { realm: 'a"b\\c', x: '1' }]])
  })

  test.each(['', ',', '=', 'Bearer realm="open', 'Bearer realm="a",realm="b"', '"x"', 'Bearer realm="a\u0001b"'])(
    'that is malformed says nothing: %j',
    (header) => {
      expect(read(header)).toEqual([])
    },
  )

  test('is read in a time that grows with its length', () => {
    const started = performance.now()
    for (const text of [
      'a,'.repeat(8000),
      `x ${'a="\\"",'.repeat(2000)}`,
      `x ${'='.repeat(16_000)}`,
      '"\\'.repeat(8000),
    ])
      read(text)
    expect(performance.now() - started).toBeLessThan(1000)
  })
})

describe('Link', () => {
  test.each([
    ['</v2/_catalog?last=a&n=1>; rel="next"', '/v2/_catalog?last=a&n=1'],
    ['<https://x/y>; rel=next', 'https://x/y'],
    ['</first>; rel="first", </next>; title="a, b"; rel="prev next"', '/next'],
    ['</v2/a>;rel="NEXT"', '/v2/a'],
    ['</v2/a>; rel="prev"', null],
    ['</v2/a>', null],
    ['/v2/a; rel="next"', null],
    ['', null],
  ])('%s', (header, target) => {
    expect(nextLink(header)).toBe(target)
  })

  test('is read in a time that grows with its length', () => {
    const started = performance.now()
    for (const text of [
      '<'.repeat(60_000),
      `<a>${'; a'.repeat(20_000)}`,
      '<a>;'.repeat(15_000),
      `<a>${' '.repeat(60_000)}`,
    ])
      nextLink(text)
    expect(performance.now() - started).toBeLessThan(1000)
  })
})

describe('Content-Range and Range', () => {
  test.each([
    ['bytes 0-9/10', { start: 0, end: 9, total: 10 }],
    ['bytes 5-5/*', { start: 5, end: 5, total: null }],
    ['bytes 5-4/10', null],
    ['bytes 0-10/10', null],
    ['bytes */10', null],
    ['bytes 0-9/10, 20-30/40', null],
    ['bytes -1-9/10', null],
    ['bytes 0-99999999999999999999/1', null],
    ['lines 0-9/10', null],
    [undefined, null],
  ])('%s', (header, range) => {
    expect(parseContentRange(header)).toEqual(range)
  })

  test.each([
    ['0-1023', 1024],
    ['bytes=0-1023', 1024],
    ['0-0', 0],
    ['', 0],
    [undefined, 0],
    ['5-10', null],
    ['0--1', null],
    ['x', null],
  ])('of an upload: %s', (header, count) => {
    expect(uploadedBytes(header)).toBe(count)
  })
})

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 0)
  test.each([
    ['0', 0],
    ['120', 120_000],
    ['1.5', 1500],
    ['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
    ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
    ['-5', null],
    ['soon', null],
    ['', null],
    [undefined, null],
  ])('%s', (header, ms) => {
    expect(parseRetryAfter(header, now)).toBe(ms)
  })
})
