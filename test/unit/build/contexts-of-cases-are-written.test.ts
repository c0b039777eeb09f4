// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { writeContext } from '../../build/write-context.js'

const directory = mkdtempSync(join(tmpdir(), 'tsc-context-'))
const at = (path: string) => join(directory, path)
const modeOf = (path: string) => (lstatSync(at(path)).mode & 0o7777).toString(8)

afterAll(() => rmSync(directory, { recursive: true, force: true }))

test('entries have the modes, times and links that were asked for', async () => {
  const before = process.umask(0o077)
  try {
    await writeContext(directory, {
      plain: 'p\n',
      'deep/er/file': { type: 'file', content: 'd\n', mode: 0o4711, mtime: 1_000_000_000 },
      dir: { type: 'directory', mode: 0o1777 },
      link: { type: 'symlink', target: '/nowhere' },
      hard: { type: 'hardlink', target: 'plain' },
    })
  } finally {
    process.umask(before)
  }
  expect([modeOf('plain'), modeOf('deep'), modeOf('deep/er/file'), modeOf('dir')]).toEqual([
    '644',
    '755',
    '4711',
    '1777',
  ])
  expect(lstatSync(at('deep/er/file')).mtimeMs).toBe(1_000_000_000_000)
  expect(readlinkSync(at('link'))).toBe('/nowhere')
  expect(lstatSync(at('hard')).ino).toBe(lstatSync(at('plain')).ino)
})

test('a change replaces and removes entries, whatever they were', async () => {
  await writeContext(directory, { change: { type: 'directory' }, 'change/x': 'x\n' })
  await writeContext(directory, { change: 'now a file\n', link: null })
  expect(readFileSync(at('change'), 'utf8')).toBe('now a file\n')
  expect(readdirSync(directory)).not.toContain('link')
})

test.each(['gzip', 'bzip2', 'xz', 'zstd'] as const)(
  'a tar is compressed by %s as tar reads it',
  async (compression) => {
    const entries = [{ path: 'inside', data: 'i\n', uid: 5 }]
    await writeContext(directory, { archive: { type: 'tar', entries, compression } })
    const listed = execFileSync('tar', [`--${compression}`, '-tvf', at('archive')], { encoding: 'utf8' })
    expect(listed).toMatch(/5\/0 .* inside/)
  },
)
