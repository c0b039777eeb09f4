// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { Container, EngineError, Volume, type VolumeCreateOptions } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: unknown) => (EngineError.is(error) ? error.code : String(error)),
  )
const create = (name: string, options: Readonly<Record<string, string>>, more: VolumeCreateOptions = {}) =>
  Volume.create({ engine: host.engine, name, options, ...more })
const idle = (source: string, more: object = {}) =>
  host.idle({ mounts: [{ type: 'volume', source, target: '/v' }], ...more })

afterEach(async () => {
  for (const box of await Container.list({ engine: host.engine, all: true })) await box.remove({ force: true })
  await Volume.prune({ engine: host.engine, all: true })
})

describe('a volume in memory', () => {
  test('has the size it was given, and is shared with detached containers', async () => {
    await create('memory', { type: 'tmpfs', device: 'tmpfs', o: 'size=1m,mode=1777' })
    const first = await idle('memory')
    const second = await idle('memory', { detached: true })
    await first.sh('echo shared >/v/note')
    expect((await second.sh('cat /v/note; stat -c %a /v')).stdout).toBe('shared\n1777\n')
    const full = await first.sh('head -c 2000000 /dev/zero >/v/zeroes', { check: false })
    expect(full.stderr).toMatch(/No space left on device/)
    await Promise.all([first.remove({ force: true }), second.remove({ force: true })])
    expect((await (await idle('memory')).sh('ls /v')).stdout).toBe('')
  })

  test('is read-only where its options say so', async () => {
    await create('readonly', { type: 'tmpfs', o: 'ro' })
    expect((await (await idle('readonly')).sh('(echo x >/v/x) 2>&1', { check: false })).stdout).toMatch(/Read-only/)
  })

  test('tells of options that the kernel does not take', async () => {
    await create('odd', { type: 'tmpfs', o: 'mode=rwx' })
    expect(await codeOf(idle('odd'))).toBe('ERR_INVALID_ARGUMENT')
    expect(await Container.list({ engine: host.engine, all: true })).toEqual([])
  })
})

test('a volume of a directory of the host writes there, and removing it leaves that alone', async () => {
  const device = join(host.directory, 'device')
  await mkdir(device)
  const volume = await create('bound', { type: 'none', device, o: 'bind' })
  const box = await idle('bound')
  await box.sh('echo written >/v/file')
  expect(await readFile(join(device, 'file'), 'utf8')).toBe('written\n')
  await box.remove({ force: true })
  await volume.remove()
  expect(await readFile(join(device, 'file'), 'utf8')).toBe('written\n')
  await create('missing', { o: 'bind', device: join(host.directory, 'nowhere') })
  expect(await codeOf(idle('missing'))).toBe('ERR_INVALID_ARGUMENT')
})

test('what the local driver does not do is refused before anything is made', async () => {
  const refused: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
    [{ typ: 'tmpfs' }, 'ERR_INVALID_ARGUMENT'],
    [{ type: 'ext4', device: '/dev/sda1' }, 'ERR_UNSUPPORTED'],
    [{ device: '/srv' }, 'ERR_INVALID_ARGUMENT'],
    [{ o: 'bind', device: 'relative' }, 'ERR_INVALID_ARGUMENT'],
    [{ o: 'bind,uid=0', device: '/srv' }, 'ERR_INVALID_ARGUMENT'],
    [{ type: 'tmpfs', o: 'fd=3' }, 'ERR_INVALID_ARGUMENT'],
    [{ type: 'nfs', device: ':/export' }, 'ERR_INVALID_ARGUMENT'],
    [{ type: 'nfs', device: 'export', o: 'addr=192.0.2.1' }, 'ERR_INVALID_ARGUMENT'],
  ]
  for (const [options, code] of refused) expect([options, await codeOf(create('no', options))]).toEqual([options, code])
  expect(await codeOf(create('no', { type: 'tmpfs' }, { size: '1m' }))).toBe('ERR_LIMIT_UNSUPPORTED')
  expect(await codeOf(create('no', {}, { size: '1k' }))).toBe('ERR_INVALID_ARGUMENT')
  expect(await Volume.list({ engine: host.engine })).toEqual([])
})

test('nfs is mounted by the kernel, or its lack is said', async () => {
  await create('far', { type: 'nfs', device: ':/export', o: 'addr=127.0.0.1,port=9,vers=4,timeo=5,retrans=1' })
  // The kernel may load it for this mount; then nobody is at that port, and only root may ask.
  const error = await idle('far').catch((reason: unknown) => reason)
  const isThere = /\bnfs4?\b/.test(readFileSync('/proc/filesystems', 'utf8'))
  expect(error).toMatchObject(
    isThere ? { errno: process.geteuid?.() === 0 ? 'ECONNREFUSED' : 'EPERM' } : { code: 'ERR_UNSUPPORTED' },
  )
})
