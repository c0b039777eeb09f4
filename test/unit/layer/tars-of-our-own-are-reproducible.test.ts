// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { buildTar, type TarItem, tarEnd, tarFileHeader, tarPadding } from '../../../src/layer/build-tar.js'

const long = `${'directory-'.repeat(12)}/${'file-'.repeat(30)}`
const items: readonly TarItem[] = [
  { type: 'file', path: 'b/file', mode: 0o4755, data: Buffer.from('x'.repeat(513)) },
  { type: 'directory', path: 'b', mode: 0o1777 },
  { type: 'symlink', path: 'a', target: '/usr/bin/a' },
  { type: 'file', path: long, mode: 0o600, data: Buffer.from('long') },
  { type: 'symlink', path: 'ümlaut', target: `${'t'.repeat(150)}ß` },
  { type: 'file', path: 'empty', mode: 0o644, data: new Uint8Array() },
]

const tar = (archive: Buffer, ...args: readonly string[]) => {
  const done = spawnSync('tar', args, { input: archive, env: { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' } })
  expect(done.stderr.toString()).toBe('')
  return done.stdout.toString()
}

describe('a tar of our own', () => {
  test('says to GNU tar what it is made of: root’s, of 1970, sorted', () => {
    const listing = tar(buildTar(items), '--numeric-owner', '--full-time', '-tvf', '-').trim().split('\n')
    expect(listing.map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
      'lrwxrwxrwx 0/0 0 1970-01-01 00:00:00 a -> /usr/bin/a',
      'drwxrwxrwt 0/0 0 1970-01-01 00:00:00 b/',
      '-rwsr-xr-x 0/0 513 1970-01-01 00:00:00 b/file',
      `-rw------- 0/0 4 1970-01-01 00:00:00 ${long}`,
      '-rw-r--r-- 0/0 0 1970-01-01 00:00:00 empty',
      `lrwxrwxrwx 0/0 0 1970-01-01 00:00:00 ümlaut -> ${'t'.repeat(150)}ß`,
    ])
  })

  test('gives the contents back', () => {
    expect(tar(buildTar(items), '-xOf', '-', 'b/file')).toBe('x'.repeat(513))
    expect(tar(buildTar(items), '-xOf', '-', long)).toBe('long')
  })

  test('is the same for the same items in any order', () => {
    expect(buildTar([...items].reverse()).equals(buildTar(items))).toBe(true)
    expect(buildTar(items).length % 512).toBe(0)
  })

  test('counts the digits of a PAX record’s length among its bytes', () => {
    // Lengths around 100, where one digit more makes the record longer.
    for (let n = 80; n < 120; n++) {
      const target = 'é'.repeat(n)
      expect(tar(buildTar([{ type: 'symlink', path: 'l', target }]), '-tvf', '-').trimEnd()).toMatch(
        new RegExp(` -> ${target}$`),
      )
    }
  })
})

describe('a tar that is written piece by piece', () => {
  test('is the same as one that is made at once', () => {
    const data = Buffer.from('piece')
    const pieces = [tarFileHeader({ path: long, mode: 0o600, size: 5 }), data, tarPadding(5), tarEnd()]
    expect(Buffer.concat(pieces).equals(buildTar([{ type: 'file', path: long, mode: 0o600, data }]))).toBe(true)
  })

  test('holds files of more than eight gigabytes', () => {
    const size = 9 * 2 ** 30
    const header = tarFileHeader({ path: 'large', mode: 0o644, size })
    expect(header.toString('latin1')).toContain(` size=${size}\n`)
    expect(tarPadding(size).length).toBe(0)
    expect(tarPadding(513).length).toBe(511)
  })
})
