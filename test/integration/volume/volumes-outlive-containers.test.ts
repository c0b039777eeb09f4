// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { Container, type ContainerOptions, Engine, EngineError, type EngineEvent, Volume } from '../../../src/index.js'
import { has } from '../../support/needs.js'
import { supervisorGone, useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const volumeAt = (source: string | undefined, target = '/data') => ({ type: 'volume', source, target }) as const
const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: unknown) => (EngineError.is(error) ? error.code : String(error)),
  )
const sh = async (script: string, options: ContainerOptions): Promise<string> => {
  const box = await host.idle(options)
  try {
    return (await box.sh(script)).stdout
  } finally {
    await box.remove({ force: true })
  }
}

afterEach(async () => {
  for (const box of await Container.list({ engine: host.engine, all: true }))
    await box.remove({ force: true, volumes: true })
  await Volume.prune({ engine: host.engine, all: true })
})

describe('a named volume', () => {
  test('is made at its first use, keeps what is in it, and is seen by several at once', async () => {
    const mounts = [volumeAt('shared')]
    const writer = await host.idle({ mounts })
    const reader = await host.idle({ mounts: [{ ...volumeAt('shared', '/elsewhere'), readonly: true }] })
    await writer.sh('echo from the writer >/data/note')
    expect((await reader.sh('cat /elsewhere/note')).stdout).toBe('from the writer\n')
    expect((await reader.sh('(echo x >/elsewhere/x) 2>&1', { check: false })).stdout).toMatch(/Read-only file system/)
    await writer.remove({ force: true })
    await reader.remove({ force: true, volumes: true })
    expect(await sh('cat /data/note', { mounts })).toBe('from the writer\n')
    expect((await Volume.list({ engine: host.engine })).map(({ name }) => name)).toEqual(['shared'])
  })

  test('shows every container the same owners, also after all processes of the engine are gone', async () => {
    const owned = has('single id') ? '0:0' : '70:71'
    const mounts = [volumeAt('owned')]
    const seen = 'stat -c "%a %u:%g" /data/file /data'
    await sh(`umask 022; echo x >/data/file; chown ${owned} /data/file; chmod 640 /data/file`, { mounts })
    expect(await sh(seen, { mounts })).toBe(`640 ${owned}\n755 0:0\n`)
    const directory = join(host.directory, 'other')
    const locations = { root: join(directory, 'root'), runRoot: join(directory, 'run') }
    const first = await Engine.open(locations)
    const { Image } = await import('../../../src/index.js')
    const at = async (engine: Engine, script: string) => {
      const box = await Container.run(await Image.host({ engine }), { engine, idle: true, mounts })
      try {
        return (await box.sh(script)).stdout
      } finally {
        await box.remove({ force: true })
      }
    }
    await at(first, `echo x >/data/file; chown ${owned} /data/file; chmod 640 /data/file`)
    await first.close()
    await supervisorGone(locations.runRoot)
    const second = await Engine.open(locations)
    expect(await at(second, seen)).toBe(`640 ${owned}\n755 0:0\n`)
    await Volume.prune({ engine: second, all: true })
    await second.close()
    await supervisorGone(locations.runRoot)
  })

  test('has labels, is found, counted and told of, and there is one of a name', async () => {
    const told: string[] = []
    const listen = (event: EngineEvent) => {
      if (event.type === 'volume') told.push(`${event.action} ${event.object}`)
    }
    host.engine.on('volume', listen)
    const volume = await Volume.create({ engine: host.engine, name: 'pg', labels: { app: 'shop' } })
    expect(await codeOf(Volume.create({ engine: host.engine, name: 'pg' }))).toBe('ERR_NAME_IN_USE')
    expect((await Volume.get('pg', { engine: host.engine })).labels).toEqual({ app: 'shop' })
    await Volume.create({ engine: host.engine, name: 'other' })
    const names = async (filter: object) =>
      (await Volume.list({ engine: host.engine, ...filter })).map(({ name }) => name)
    expect(await names({ labels: { app: 'shop' } })).toEqual(['pg'])
    expect(await names({})).toEqual(['other', 'pg'])
    const box = await host.idle({ name: 'holder', mounts: [volumeAt('pg')] })
    const own = await host.idle({ mounts: [volumeAt(undefined)] })
    const ownName = (await own.inspect()).mounts[0]?.source
    await own.remove({ force: true, volumes: true })
    await box.sh('head -c 300000 /dev/zero >/data/zeroes')
    const seen = await volume.inspect()
    expect(seen).toMatchObject({ name: 'pg', driver: 'local', usedBy: ['holder'], entries: 1, sizeLimitBytes: null })
    expect(seen.usedBytes).toBeGreaterThanOrEqual(300_000)
    const usage = (await host.engine.diskUsage()).volumes
    expect(usage.count).toBe(2)
    expect(usage.bytes - usage.reclaimableBytes).toBeGreaterThanOrEqual(300_000)
    expect((await box.inspect()).mounts).toEqual([
      { type: 'volume', source: 'pg', target: '/data', readonly: false, anonymous: false },
    ])
    await box.remove({ force: true })
    await volume.remove()
    expect(await codeOf(volume.inspect())).toBe('ERR_VOLUME_NOT_FOUND')
    expect(await codeOf(Volume.get('pg', { engine: host.engine }))).toBe('ERR_VOLUME_NOT_FOUND')
    host.engine.off('volume', listen)
    const ofItsOwn = [`create ${ownName}`, `remove ${ownName}`]
    expect(told).toEqual(['create pg', 'create other', ...ofItsOwn, 'remove pg'])
  })

  test('stays as long as a container has it, which the refusal names', async () => {
    const volume = await Volume.create({ engine: host.engine, name: 'busy' })
    for (const detached of [false, true]) {
      const box = await host.idle({ name: 'user', mounts: [volumeAt('busy')], detached })
      const refusal = await volume.remove().catch((error: unknown) => error)
      expect(refusal).toMatchObject({ code: 'ERR_VOLUME_IN_USE', object: 'busy' })
      expect(String(refusal)).toMatch(/container 'user'|container "user"/)
      expect(await Volume.prune({ engine: host.engine, all: true })).toEqual([])
      await box.stop({ timeoutMs: 0 })
      expect(await codeOf(volume.remove())).toBe('ERR_VOLUME_IN_USE')
      await box.remove()
    }
    expect(await Volume.prune({ engine: host.engine })).toEqual([])
    expect((await host.engine.prune({ volumes: 'all' })).volumes).toEqual(['busy'])
  })

  test('is mounted in part, and the part has to be there', async () => {
    await sh('mkdir -p /data/a/b; echo in b >/data/a/b/file', { mounts: [volumeAt('parts')] })
    expect(await sh('cat /part/file; ls /part', { mounts: [{ ...volumeAt('parts', '/part'), subpath: 'a/b' }] })).toBe(
      'in b\nfile\n',
    )
    const missing = { mounts: [{ ...volumeAt('parts'), subpath: 'a/c' }] }
    expect(await codeOf(host.create(missing))).toBe('ERR_INVALID_ARGUMENT')
    for (const subpath of ['../x', '/a', ''])
      expect(await codeOf(host.create({ mounts: [{ ...volumeAt('parts'), subpath }] }))).toBe('ERR_INVALID_ARGUMENT')
  })

  test('whose record is damaged is left alone, and the others work', async () => {
    await Volume.create({ engine: host.engine, name: 'damaged' })
    await Volume.create({ engine: host.engine, name: 'whole' })
    const record = join(host.root, 'volumes/damaged/volume.json')
    for (const text of ['', '{"version":1}', '\0\0\0', '{"version":2,"name":"damaged"}', '[]']) {
      await writeFile(record, text)
      expect(await codeOf(Volume.get('damaged', { engine: host.engine }))).toBe('ERR_STORE_CORRUPT')
      expect(await codeOf(host.create({ mounts: [volumeAt('damaged')] }))).toBe('ERR_STORE_CORRUPT')
      expect((await Volume.list({ engine: host.engine })).map(({ name }) => name)).toEqual(['whole'])
    }
    await Volume.prune({ engine: host.engine, all: true })
    expect(await readdir(join(host.root, 'volumes'))).toEqual(['damaged'])
    await writeFile(
      record,
      JSON.stringify({
        version: 1,
        name: 'damaged',
        driver: 'local',
        labels: {},
        options: {},
        createdAt: new Date().toISOString(),
        anonymous: false,
      }),
    )
  })
})

describe('an anonymous volume', () => {
  const volumes = async () =>
    (await Volume.list({ engine: host.engine })).map(({ name, anonymous }) => ({ name, anonymous }))

  test('stays when its container is removed, goes with it when asked, and when its container goes by itself', async () => {
    const mounts = [volumeAt(undefined)]
    const kept = await host.idle({ mounts })
    const [made] = await volumes()
    expect(made).toMatchObject({ anonymous: true })
    await kept.remove({ force: true })
    expect(await volumes()).toEqual([made])
    expect(await Volume.prune({ engine: host.engine })).toEqual([made?.name])
    await (await host.idle({ mounts })).remove({ force: true, volumes: true })
    expect(await volumes()).toEqual([])
    for (const volumes of [false, true]) {
      await (await host.run({ mounts, command: ['true'] })).wait()
      await Container.prune({ engine: host.engine, volumes })
      expect(await Volume.prune({ engine: host.engine })).toHaveLength(volumes ? 0 : 1)
    }
    const short = await host.run({ mounts, command: ['true'], autoRemove: true })
    await short.wait({ condition: 'removed' })
    expect(await volumes()).toEqual([])
    await Container.runOnce(host.image, ['true'], { engine: host.engine, mounts })
    expect(await volumes()).toEqual([])
  })

  test('is not left by a creation that fails, nor is a named one', async () => {
    const mounts = [volumeAt(undefined), volumeAt('never', '/never')]
    expect(await codeOf(host.create({ mounts, command: ['/no/such/program'] }))).toBe('ERR_START_FAILED')
    expect(await volumes()).toEqual([])
  })

  test('goes with the process whose container it was for', async () => {
    const other = await Engine.open({ root: host.root, runRoot: host.runRoot })
    await Container.run(host.image.id, {
      engine: other,
      idle: true,
      mounts: [volumeAt(undefined), volumeAt('named', '/n')],
    })
    expect(await volumes()).toHaveLength(2)
    await other.close()
    await expect.poll(volumes).toEqual([{ name: 'named', anonymous: false }])
  })
})

test('what processes left that were killed goes at the next start, and nothing else', async () => {
  const directory = join(host.directory, 'killed')
  const locations = { root: join(directory, 'root'), runRoot: join(directory, 'run') }
  const first = await Engine.open(locations)
  const kept = await Volume.create({ engine: first, name: 'kept' })
  const { path } = await kept.inspect()
  await first.close()
  await supervisorGone(locations.runRoot)
  const record = JSON.parse(await readFile(join(path ?? '', '../volume.json'), 'utf8'))
  const left = { ...record, name: 'left', anonymous: true, container: 'ab'.repeat(32) }
  await mkdir(join(locations.root, 'volumes/left/data/deep'), { recursive: true })
  await writeFile(join(locations.root, 'volumes/left/volume.json'), JSON.stringify(left))
  await mkdir(join(locations.root, 'tmp/volume-1-1/data'), { recursive: true })
  const second = await Engine.open(locations)
  await second.info()
  expect((await Volume.list({ engine: second })).map(({ name }) => name)).toEqual(['kept'])
  expect(await readdir(join(locations.root, 'tmp'))).toEqual([])
  await Volume.prune({ engine: second, all: true })
  await second.close()
  await supervisorGone(locations.runRoot)
})

test('fifty at once make one volume of a name', async () => {
  const made = await Promise.all(
    Array.from({ length: 50 }, () => codeOf(Volume.create({ engine: host.engine, name: 'one' }))),
  )
  expect(made.filter((code) => code === 'none')).toHaveLength(1)
  expect(made.filter((code) => code === 'ERR_NAME_IN_USE')).toHaveLength(49)
})
