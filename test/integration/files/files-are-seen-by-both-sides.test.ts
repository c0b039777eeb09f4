// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Container } from '../../../src/index.js'
import { idOf, ownerOf } from '../../support/ids.js'
import { testNeeding } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
let box: Container
beforeAll(async () => {
  box = await host.idle({ mounts: [{ type: 'tmpfs', target: '/scratch' }] })
})
afterAll(() => box.remove({ force: true }))
const sh = async (script: string): Promise<string> => (await box.sh(script)).stdout

describe('what is written from outside is there inside', () => {
  test('a file, with mode and owner', async () => {
    await box.fs.writeFile('/tmp/plain', 'hello\n')
    await box.fs.writeFile('/tmp/mine', new Uint8Array([1, 2, 3]), { mode: 0o4755, owner: ownerOf(7, 0) })
    expect(await sh('cat /tmp/plain; stat -c "%a %u:%g %s" /tmp/plain /tmp/mine')).toBe(
      `hello\n644 0:0 6\n4755 ${ownerOf(7, 0)} 3\n`,
    )
  })

  test('more of it, and less', async () => {
    await box.fs.writeFile('/tmp/grows', 'a long line\n')
    await box.fs.writeFile('/tmp/grows', 'b\n')
    await box.fs.appendFile('/tmp/grows', 'c\n')
    expect(await sh('cat /tmp/grows')).toBe('b\nc\n')
  })

  test('a directory with those above it', async () => {
    const owner = ownerOf(3, 4)
    expect(await box.fs.mkdir('/tmp/a/b/c', { recursive: true, mode: 0o750, owner })).toBe('/tmp/a')
    expect(await box.fs.mkdir('/tmp/a/b/c', { recursive: true })).toBeUndefined()
    expect(await sh('stat -c "%n %a %u:%g" /tmp/a /tmp/a/b/c')).toBe(`/tmp/a 750 ${owner}\n/tmp/a/b/c 750 ${owner}\n`)
  })

  test('links, names, modes, owners and times', async () => {
    await box.fs.writeFile('/tmp/one', 'one')
    await box.fs.symlink('one', '/tmp/to-one')
    await box.fs.link('/tmp/one', '/tmp/twin')
    await box.fs.rename('/tmp/one', '/tmp/renamed')
    await box.fs.chmod('/tmp/renamed', 0o600)
    await box.fs.chown('/tmp/renamed', ownerOf(12, 13))
    await box.fs.chown('/tmp/to-one', idOf(14), { followLinks: false })
    await box.fs.utimes('/tmp/renamed', new Date(1_000_000_000_500), new Date(1_234_567_890_250))
    expect(await sh('stat -c "%n %a %u:%g %h %.2X %.2Y" /tmp/twin; stat -c "%N %u" /tmp/to-one')).toBe(
      `/tmp/twin 600 ${ownerOf(12, 13)} 2 1000000000.50 1234567890.25\n'/tmp/to-one' -> 'one' ${idOf(14)}\n`,
    )
  })

  test('in what is mounted, too', async () => {
    await box.fs.writeFile('/scratch/file', 'in memory')
    expect(await sh('cat /scratch/file')).toBe('in memory')
  })
})

describe('what happens inside is seen from outside', () => {
  test('content and lists', async () => {
    await sh(
      'mkdir -p /tmp/seen/deep; echo x > /tmp/seen/deep/file; ln -s nowhere /tmp/seen/link; mkfifo /tmp/seen/pipe',
    )
    expect(await box.fs.readFile('/tmp/seen/deep/file', 'utf8')).toBe('x\n')
    expect(await box.fs.readdir('/tmp/seen')).toEqual(['deep', 'link', 'pipe'])
    expect(await box.fs.readdir('/tmp/seen', { recursive: true, withFileTypes: true })).toEqual([
      { name: 'deep', path: '/tmp/seen/deep', type: 'directory' },
      { name: 'deep/file', path: '/tmp/seen/deep/file', type: 'file' },
      { name: 'link', path: '/tmp/seen/link', type: 'symlink' },
      { name: 'pipe', path: '/tmp/seen/pipe', type: 'fifo' },
    ])
    expect(await box.fs.readlink('/tmp/seen/link')).toBe('nowhere')
  })

  test('what is known of a file', async () => {
    await sh('echo 12345 > /tmp/known; chmod 640 /tmp/known; ln -s known /tmp/to-known')
    const stats = await box.fs.stat('/tmp/to-known')
    expect(stats).toMatchObject({ type: 'file', size: 6, uid: 0, gid: 0, nlink: 1 })
    expect(stats.mode & 0o7777).toBe(0o640)
    expect(Math.abs(stats.mtimeMs - Date.now())).toBeLessThan(3_600_000)
    expect((await box.fs.lstat('/tmp/to-known')).isSymbolicLink()).toBe(true)
    expect(await box.fs.realpath('/tmp/to-known')).toBe('/tmp/known')
    expect(await box.fs.exists('/tmp/known')).toBe(true)
    expect(await box.fs.exists('/tmp/known/below')).toBe(false)
  })

  test('that something is gone', async () => {
    await sh('mkdir -p /tmp/gone/a/b; touch /tmp/gone/a/b/c')
    await expect(box.fs.rm('/tmp/gone')).rejects.toMatchObject({ code: 'ERR_FILE_TYPE', errno: 'EISDIR' })
    await box.fs.rm('/tmp/gone', { recursive: true })
    await box.fs.rm('/tmp/gone', { force: true })
    expect(await sh('test -e /tmp/gone || echo no')).toBe('no\n')
  })
})

describe('an open file', () => {
  test('is a FileHandle of Node', async () => {
    const handle = await box.fs.open('/tmp/handle', 'wx+', { mode: 0o600, owner: ownerOf(9, 0) })
    try {
      await handle.writeFile('line one\nline two\n')
      await handle.write('L', 0)
      expect((await handle.stat()).size).toBe(18)
      const lines: string[] = []
      for await (const line of handle.readLines({ start: 0, autoClose: false })) lines.push(line)
      expect(lines).toEqual(['Line one', 'line two'])
      await handle.truncate(5)
      await handle.sync()
    } finally {
      await handle.close()
    }
    expect(await sh('cat /tmp/handle; stat -c " %a %u" /tmp/handle')).toBe(`Line  600 ${idOf(9)}\n`)
  })

  test('is made where a link points that leads nowhere yet', async () => {
    await sh('mkdir -p /tmp/links; ln -s /tmp/links/target /tmp/links/link')
    await box.fs.writeFile('/tmp/links/link', 'through')
    expect(await sh('cat /tmp/links/target')).toBe('through')
  })
})

describe('failures have a code, the kernel’s name and the path', () => {
  const rejected = async (act: Promise<unknown>) => expect(act).rejects
  test.each([
    ['ENOENT', 'ERR_FILE_NOT_FOUND', () => box.fs.readFile('/tmp/none'), '/tmp/none'],
    ['ENOENT', 'ERR_FILE_NOT_FOUND', () => box.fs.writeFile('/tmp/none/x', ''), '/tmp/none/x'],
    ['ENOTDIR', 'ERR_FILE_TYPE', () => box.fs.readdir('/etc/passwd'), '/etc/passwd'],
    ['EISDIR', 'ERR_FILE_TYPE', () => box.fs.readFile('/tmp'), '/tmp'],
    ['EEXIST', 'ERR_FILE_EXISTS', () => box.fs.mkdir('/tmp'), '/tmp'],
    ['EEXIST', 'ERR_FILE_EXISTS', () => box.fs.writeFile('/etc/passwd', '', { flag: 'wx' }), '/etc/passwd'],
    ['ENOTEMPTY', 'ERR_FILE_EXISTS', () => box.fs.rename('/scratch-dir', '/tmp'), '/scratch-dir'],
    ['ELOOP', 'ERR_FILE_TYPE', () => box.fs.stat('/tmp/loop'), '/tmp/loop'],
    ['EINVAL', 'ERR_FILE_TYPE', () => box.fs.readlink('/etc/passwd'), '/etc/passwd'],
    ['EROFS', 'ERR_PERMISSION', () => box.fs.writeFile('/usr/x', ''), '/usr/x'],
    ['ENOENT', 'ERR_USER_NOT_FOUND', () => box.fs.writeFile('/tmp/x', '', { owner: 'nobody-there' }), 'nobody-there'],
  ] as const)('%s', async (errno, code, act, object) => {
    await sh('ln -sfn loop /tmp/loop; mkdir -p /scratch-dir')
    await (await rejected(act())).toMatchObject({ code, errno, object })
  })

  testNeeding('single id')('an owner that the one id is not has its cure', async () => {
    await sh('touch /tmp/owned')
    const unmapped = { code: 'ERR_USER_UNMAPPED', errno: 'EINVAL', hint: expect.stringContaining('--add-subuids') }
    await expect(box.fs.chown('/tmp/owned', 5)).rejects.toMatchObject(unmapped)
    await expect(box.fs.writeFile('/tmp/owned-too', '', { owner: 5 })).rejects.toMatchObject(unmapped)
    await expect(box.fs.mkdir('/tmp/owned-dir', { owner: '0:5' })).rejects.toMatchObject(unmapped)
  })

  test('arguments are refused before anything happens', async () => {
    await expect(box.fs.readFile('relative')).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option: 'path' })
    await expect(box.fs.stat('/a\0b')).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    await expect(box.fs.open('/tmp/x', 'q')).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option: 'flags' })
    await expect(box.fs.chmod('/tmp/x', 0o10000)).rejects.toMatchObject({ option: 'mode' })
    await expect(box.fs.mkdir('/tmp/x', { recursve: true } as never)).rejects.toMatchObject({ option: 'recursve' })
    const signal = AbortSignal.abort(new Error('no'))
    await expect(box.fs.writeFile('/tmp/x', '', { signal })).rejects.toThrow('no')
    expect(await box.fs.exists('/tmp/x')).toBe(false)
  })
})
