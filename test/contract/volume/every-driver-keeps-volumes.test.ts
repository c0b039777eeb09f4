// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { DirectoryDriver } from '../../../examples/volume-driver.js'
import { Container, Engine, EngineError, Image, Volume, type VolumeDriver } from '../../../src/index.js'
import { emptyAndClose, scratchBase } from '../../support/test-engine.js'

const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: unknown) => (EngineError.is(error) ? error.code : String(error)),
  )

interface Kept {
  readonly driver: string
  readonly options?: Readonly<Record<string, string>>
  /** Whether what is in it is still there when no container has it. */
  readonly lasting: boolean
}

const kinds: Readonly<Record<string, (directory: string) => Promise<Kept>>> = {
  'the local driver': async () => ({ driver: 'local', lasting: true }),
  'the local driver in memory': async () => ({
    driver: 'local',
    options: { type: 'tmpfs', o: 'size=8m,mode=755' },
    lasting: false,
  }),
  'the local driver with a directory of the host': async (directory) => {
    const device = join(directory, 'bound')
    await mkdir(device, { recursive: true })
    return { driver: 'local', options: { type: 'none', device, o: 'bind' }, lasting: true }
  },
  'the driver of the example': async () => ({ driver: 'directory', lasting: true }),
}

describe.each(Object.entries(kinds))('%s', (_, kindOf) => {
  let directory: string
  let engine: Engine
  let image: Image
  let kept: Kept
  const open = () =>
    Engine.open({
      root: join(directory, 'root'),
      runRoot: join(directory, 'run'),
      plugins: { volumes: { directory: new DirectoryDriver(join(directory, 'kept')) } },
    })
  beforeAll(async () => {
    directory = await mkdtemp(join(scratchBase(), 'tsc-'))
    await mkdir(join(directory, 'run'), { mode: 0o700 })
    await mkdir(join(directory, 'kept'))
    engine = await open()
    image = await Image.host({ engine })
    kept = await kindOf(directory)
  })
  afterEach(async () => {
    for (const box of await Container.list({ engine, all: true })) await box.remove({ force: true })
  })
  afterAll(async () => {
    await emptyAndClose(engine, join(directory, 'run'))
    await rm(directory, { recursive: true, force: true })
  })
  const create = (name: string) =>
    Volume.create({ engine, name, driver: kept.driver, options: kept.options, labels: { a: 'b' } })
  const idle = (name: string, more: object = {}) =>
    Container.run(image, { engine, idle: true, mounts: [{ type: 'volume', source: name, target: '/v', ...more }] })

  test('shares a volume between containers, with its owners, and lets some only read', async () => {
    const volume = await create('shared')
    const writer = await idle('shared')
    const reader = await idle('shared', { readonly: true })
    await writer.sh('umask 022; mkdir /v/d; echo one >/v/d/file')
    expect((await reader.sh('cat /v/d/file; stat -c "%a %u:%g" /v/d')).stdout).toBe('one\n755 0:0\n')
    expect((await reader.sh('(echo x >/v/x) 2>&1', { check: false })).stdout).toMatch(/Read-only file system/)
    await Promise.all([writer, reader].map((box) => box.remove({ force: true })))
    const later = await idle('shared')
    expect((await later.sh('cat /v/d/file', { check: false })).stdout).toBe(kept.lasting ? 'one\n' : '')
    await later.remove({ force: true })
    await volume.remove()
  })

  test('is one of its name, has what it was given, and is in use while a container has it', async () => {
    const volume = await create('one')
    expect(await codeOf(create('one'))).toBe('ERR_NAME_IN_USE')
    expect(await (await Volume.get('one', { engine })).inspect()).toMatchObject({
      name: 'one',
      driver: kept.driver,
      labels: { a: 'b' },
      options: kept.options ?? {},
      usedBy: [],
    })
    const box = await idle('one')
    expect(await codeOf(volume.remove())).toBe('ERR_VOLUME_IN_USE')
    expect(await Volume.prune({ engine, all: true })).toEqual([])
    await box.stop({ timeoutMs: 0 })
    expect(await codeOf(volume.remove())).toBe('ERR_VOLUME_IN_USE')
    await box.start()
    await box.sh('echo again >/v/again')
    await box.remove({ force: true })
    expect(await Volume.prune({ engine, all: true })).toEqual(['one'])
    expect(await codeOf(volume.remove())).toBe('ERR_VOLUME_NOT_FOUND')
  })

  test('is found by another engine, which can use it as well', async () => {
    await create('found')
    const other = await open()
    const mounts = [{ type: 'volume', source: 'found', target: '/v' }] as const
    const first = await idle('found')
    await first.sh('echo first >/v/note')
    const { stdout } = await Container.runOnce(image.id, ['cat', '/v/note'], { engine: other, mounts })
    expect(stdout).toBe('first\n')
    await other.close()
    expect((await first.sh('cat /v/note')).stdout).toBe('first\n')
    await first.remove({ force: true })
    await (await Volume.get('found', { engine })).remove()
  })

  test('leaves nothing of what it removed', async () => {
    await create('gone')
    const box = await idle('gone')
    await box.sh('echo x >/v/x')
    await box.remove({ force: true })
    await (await Volume.get('gone', { engine })).remove()
    expect(await readdir(join(directory, 'kept'))).toEqual([])
    expect(await Volume.list({ engine })).toEqual([])
  })
})

describe('a driver that throws', () => {
  const calls: string[] = []
  let failing: string | undefined
  const step = (name: string) => {
    calls.push(name)
    if (failing === name) throw new Error(`no ${name} today`)
  }
  let directory: string
  let engine: Engine
  let image: Image
  const driver: VolumeDriver = {
    create: ({ name }) => step(`create ${name}`),
    remove: ({ name }) => step(`remove ${name}`),
    mount: ({ name }) => {
      step(`mount ${name}`)
      return directory
    },
    unmount: ({ name }) => step(`unmount ${name}`),
  }
  beforeAll(async () => {
    directory = await mkdtemp(join(scratchBase(), 'tsc-'))
    await mkdir(join(directory, 'run'), { mode: 0o700 })
    const plugins = { volumes: { bad: driver } }
    engine = await Engine.open({ root: join(directory, 'root'), runRoot: join(directory, 'run'), plugins })
    image = await Image.host({ engine })
  })
  afterAll(async () => {
    failing = undefined
    await emptyAndClose(engine, join(directory, 'run'))
    await rm(directory, { recursive: true, force: true })
  })
  const mounts = [{ type: 'volume', source: 'v', target: '/v' }] as const
  const box = () => Container.create(image, { engine, idle: true, mounts })
  const during = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    failing = what
    calls.length = 0
    try {
      return await work()
    } finally {
      failing = undefined
    }
  }

  test('is said with its error, and nothing is left half done', async () => {
    const create = () => Volume.create({ engine, name: 'v', driver: 'bad' })
    const failure: unknown = await during('create v', () => create().catch((error: unknown) => error))
    expect(failure).toMatchObject({ code: 'ERR_VOLUME_DRIVER', object: 'v', cause: { message: 'no create v today' } })
    expect(await Volume.list({ engine })).toEqual([])
    const volume = await create()
    expect(await during('mount v', () => codeOf(box()))).toBe('ERR_VOLUME_DRIVER')
    expect(calls).toEqual(['mount v', 'unmount v'])
    expect(await Container.list({ engine, all: true })).toEqual([])
    expect(await during('remove v', () => codeOf(volume.remove()))).toBe('ERR_VOLUME_DRIVER')
    // What could not be unmounted is tried again, by whoever comes next.
    const made = await box()
    await during('unmount v', () => made.remove())
    expect(calls).toEqual(['unmount v'])
    calls.length = 0
    await volume.remove()
    expect(calls).toEqual(['unmount v', 'remove v'])
    expect(await Volume.list({ engine })).toEqual([])
  })

  test('is not asked for detached containers, and an engine without it says which is missing', async () => {
    await Volume.create({ engine, name: 'v', driver: 'bad' })
    const detached = Container.create(image, { engine, idle: true, mounts, detached: true })
    expect(await codeOf(detached)).toBe('ERR_UNSUPPORTED')
    const other = await Engine.open({ root: join(directory, 'root'), runRoot: join(directory, 'run') })
    expect(await codeOf(Container.create(image.id, { engine: other, idle: true, mounts }))).toBe('ERR_VOLUME_DRIVER')
    await other.close()
    expect(await codeOf(Volume.create({ engine, name: 'w', driver: 'none' }))).toBe('ERR_INVALID_ARGUMENT')
    await (await Volume.get('v', { engine })).remove()
  })

  test('is told of containers that end with their engine before that is closed', async () => {
    await Volume.create({ engine, name: 'v', driver: 'bad' })
    const plugins = { volumes: { bad: driver } }
    const other = await Engine.open({ root: join(directory, 'root'), runRoot: join(directory, 'run'), plugins })
    await Container.run(image.id, { engine: other, idle: true, mounts })
    calls.length = 0
    await other.close()
    expect(calls).toEqual(['unmount v'])
    await (await Volume.get('v', { engine })).remove()
  })
})
