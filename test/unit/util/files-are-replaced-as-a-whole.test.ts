// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readRegularFile, UnreadableFile, writeFileAtomic } from '../../../src/util/atomic-file.js'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tsc-atomic-'))
})
afterEach(() => rm(dir, { recursive: true }))

describe('writeFileAtomic', () => {
  it('replaces content and mode, leaves no other file', async () => {
    const path = join(dir, 'x')
    await writeFile(path, 'old', { mode: 0o644 })
    await writeFileAtomic(path, 'new', { mode: 0o640 })
    expect(await readFile(path, 'utf8')).toBe('new')
    expect((await stat(path)).mode & 0o777).toBe(0o640)
    expect(await readdir(dir)).toEqual(['x'])
  })

  it('leaves the old content and no temporary file when it fails', async () => {
    const path = join(dir, 'sub')
    execFileSync('mkdir', ['-p', join(path, 'full')])
    await expect(writeFileAtomic(path, 'new')).rejects.toThrow()
    expect(await readdir(dir)).toEqual(['sub'])
  })

  it('always shows readers a whole file', async () => {
    const path = join(dir, 'x')
    const contents = ['a'.repeat(50_000), 'b'.repeat(70_000)]
    await writeFileAtomic(path, contents[0]!, { sync: false })
    let writing = true
    const writer = (async () => {
      for (let i = 0; i < 100; i++) await writeFileAtomic(path, contents[i % 2]!, { sync: false })
      writing = false
    })()
    while (writing) expect(contents).toContain(await readFile(path, 'utf8'))
    await writer
  })
})

describe('readRegularFile', () => {
  it('reads a file, says null for none', async () => {
    await writeFile(join(dir, 'x'), 'abc')
    expect(Buffer.from((await readRegularFile(join(dir, 'x'), 3))!).toString()).toBe('abc')
    expect(await readRegularFile(join(dir, 'nope'), 3)).toBeNull()
  })

  it('refuses links, FIFOs, directories, devices and what is too large, without blocking', async () => {
    await writeFile(join(dir, 'x'), 'abcd')
    await symlink('x', join(dir, 'link'))
    execFileSync('mkfifo', [join(dir, 'fifo')])
    for (const path of [join(dir, 'x'), join(dir, 'link'), join(dir, 'fifo'), dir, '/dev/zero']) {
      await expect(readRegularFile(path, 3)).rejects.toBeInstanceOf(UnreadableFile)
    }
  })
})
