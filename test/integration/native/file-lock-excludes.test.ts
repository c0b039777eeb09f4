// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FileLocker } from '../../../src/native/file-lock.js'
import { SharedLock } from '../../../src/native/shared-lock.js'

const locker = new FileLocker()
let directory: string
let path: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lock-'))
  path = join(directory, 'lock')
})
afterAll(() => rm(directory, { recursive: true }))

describe('a file lock', () => {
  it('lets one holder in at a time', async () => {
    let inside = 0
    let most = 0
    const enter = async () => {
      const lock = await locker.lock(path, 'exclusive')
      most = Math.max(most, ++inside)
      await new Promise((resolve) => setTimeout(resolve, 1))
      inside -= 1
      await lock.release()
    }
    await Promise.all(Array.from({ length: 20 }, enter))
    expect(most).toBe(1)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('lets readers share, and keeps the writer out', async () => {
    const readers = await Promise.all([locker.lock(path, 'shared'), locker.lock(path, 'shared')])
    expect(await locker.tryLock(path, 'exclusive')).toBeNull()
    for (const reader of readers) await reader.release()
    const writer = await locker.tryLock(path, 'exclusive')
    expect(writer).not.toBeNull()
    expect(await locker.tryLock(path, 'shared')).toBeNull()
    await writer?.release()
  })

  it('is held against another process, and free once that is killed', async () => {
    const holder = spawn('flock', [path, '-c', 'echo held; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    })
    await once(holder.stdout, 'data')
    expect(await locker.tryLock(path, 'exclusive')).toBeNull()
    const waiting = locker.lock(path, 'exclusive')
    process.kill(-holder.pid!, 'SIGKILL')
    await (await waiting).release()
  })

  it('stops waiting when the signal aborts, and holds nothing then', async () => {
    const lock = await locker.lock(path, 'exclusive')
    const waiting = locker.lock(path, 'exclusive', { signal: AbortSignal.timeout(20) })
    await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' })
    await lock.release()
    await (await locker.lock(path, 'exclusive')).release()
  })

  it('follows no symbolic link', async () => {
    await symlink('/etc/passwd', join(directory, 'link'))
    await expect(locker.lock(join(directory, 'link'), 'shared')).rejects.toMatchObject({ errno: 'ELOOP' })
  })

  it('that is held again and again is opened by the next holder, where the first could not open it', async () => {
    const below = join(directory, 'later', 'lock')
    const lock = new SharedLock(below)
    await expect(lock.hold()).rejects.toMatchObject({ name: 'EngineError', errno: 'ENOENT' })
    await mkdir(dirname(below))
    const held = await lock.hold()
    expect(await locker.tryLock(below, 'exclusive')).toBeNull()
    await held.release()
    await lock.close()
  })
})
