// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { Container, Engine, EngineError, Image, Volume } from '../../../src/index.js'
import { testNeeding } from '../../support/needs.js'
import { emptyAndClose, scratchBase, useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

test('where the file system has no such limits they are refused, with what to do', async () => {
  const error: unknown = await host.create({ command: ['true'], diskQuota: '8MiB' }).catch((reason: unknown) => reason)
  if (error instanceof Container) return await error.remove()
  if (!EngineError.is(error, 'ERR_LIMIT_UNSUPPORTED')) throw error
  expect(error).toMatchObject({
    option: 'diskQuota',
    hint: expect.stringMatching(/mkfs\.ext4 -O quota,project.*prjquota/),
  })
  for (const diskQuota of ['8MB', -1, 4096]) {
    await expect(host.create({ command: ['true'], diskQuota })).rejects.toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
      option: 'diskQuota',
    })
  }
})

const undo: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

// A disk of its own with project quotas, on a loop device.
const limitedDisk = async (): Promise<string> => {
  const directory = await mkdtemp(join(scratchBase(), 'tsc-disk-'))
  undo.push(() => rm(directory, { recursive: true, force: true }))
  const [image, disk] = [join(directory, 'image'), join(directory, 'disk')]
  execFileSync('truncate', ['-s', '256M', image])
  execFileSync('mkfs.ext4', ['-q', '-O', 'quota,project', image])
  await mkdir(disk)
  execFileSync('mount', ['-o', 'loop,prjquota', image, disk])
  undo.push(() => void execFileSync('umount', [disk]))
  return disk
}

testNeeding('root', 'project quotas')('each container has what it was given, and gives it back', async () => {
  const disk = await limitedDisk()
  const runRoot = join(disk, 'run')
  const engine = await Engine.open({ root: join(disk, 'root'), runRoot })
  undo.push(() => emptyAndClose(engine, runRoot))
  const image = await Image.host({ engine })
  const write = (megabytes: number) => `dd if=/dev/zero of=/file bs=1M count=${megabytes} conv=fsync 2>&1`
  const run = (options = {}) => Container.run(image, { engine, idle: true, ...options })

  const small = await run({ diskQuota: '16MiB', detached: true })
  const large = await run()
  expect((await small.sh(write(8))).exitCode).toBe(0)
  const beyond = await small.sh(write(64), { check: false })
  expect(beyond.exitCode).not.toBe(0)
  expect(beyond.stdout).toMatch(/quota exceeded|No space/)
  expect(Number((await small.sh('stat -c %s /file')).stdout)).toBeLessThanOrEqual(16 * 2 ** 20)
  expect((await large.sh(write(64))).exitCode).toBe(0)

  // What it removes it may write again, also where it replaces what was in its image; after a restart too.
  await small.sh('rm /file && cp /etc/passwd /etc/copy && mv /etc/copy /etc/passwd')
  expect((await small.sh(write(12))).exitCode).toBe(0)
  await small.restart({ timeoutMs: 0 })
  expect((await small.sh(`rm /file; ${write(64)}`, { check: false })).exitCode).not.toBe(0)

  // The limit is a part of the container, not of the store: nothing is left of it.
  await expect(run({ diskQuota: '16MiB', userns: 'host' })).rejects.toMatchObject({ code: 'ERR_LIMIT_UNSUPPORTED' })
  for (const box of [small, large]) await box.remove({ force: true })
  for (let i = 0; i < 3; i++) {
    const box = await run({ diskQuota: '16MiB' })
    expect((await box.sh(write(12))).exitCode).toBe(0)
    expect((await box.sh(write(64), { check: false })).exitCode).not.toBe(0)
    await box.remove({ force: true })
  }
})

testNeeding('root', 'project quotas')('a volume has what it was given, whoever writes to it', async () => {
  const disk = await limitedDisk()
  const runRoot = join(disk, 'run')
  const engine = await Engine.open({ root: join(disk, 'root'), runRoot })
  undo.push(() => emptyAndClose(engine, runRoot))
  const image = await Image.host({ engine })
  const volume = await Volume.create({ engine, name: 'small', size: '16MiB' })
  expect(await volume.inspect()).toMatchObject({ sizeLimitBytes: 16 * 2 ** 20 })
  const mounts = [{ type: 'volume', source: 'small', target: '/v' }] as const
  const write = (file: string, megabytes: number) =>
    `dd if=/dev/zero of=/v/${file} bs=1M count=${megabytes} conv=fsync 2>&1`
  for (const file of ['one', 'two']) {
    const box = await Container.run(image, { engine, idle: true, mounts })
    expect((await box.sh(write(file, 6))).exitCode).toBe(0)
    expect((await box.sh(write('large', 64), { check: false })).exitCode).not.toBe(0)
    await box.sh('rm /v/large')
    await box.remove({ force: true })
  }
  await volume.remove()
})
