// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, test } from 'vitest'
import { Container, EngineError, Image, type PullProgress } from '../../../src/index.js'
import type { MadeLayer } from './layered-images.js'
import { collect, damage, layersOf, partialsOf, usePullFixture } from './pull-fixture.js'

const fixture = usePullFixture()
const layers: Record<'base' | 'one' | 'two', MadeLayer> = {} as never

beforeAll(async () => {
  const { layout, ref } = fixture
  layers.base = await layout.layer('base', 'rootfs')
  layers.one = await layout.layer('one', { bytes: 3_000_000 })
  layers.two = await layout.layer('two', { bytes: 2_000_000 })
  await layout.image([layers.base, layers.one], { name: 'app:1' })
  await layout.image([layers.base, layers.one, layers.two], { name: 'app:2' })
  for (const name of ['app:1', 'app:2']) await layout.push(name, `docker://${ref(name)}`)
})

const failure = async (work: Promise<unknown>): Promise<EngineError> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (EngineError.is(error)) return error
  throw new Error(`expected an EngineError, got ${error}`)
}

const pull = (name: string, options = {}) => Image.pull(fixture.ref(name), { engine: fixture.engine, ...options })
const phases = (events: readonly PullProgress[], digest: string) => [
  ...new Set(events.flatMap((event) => (event.type === 'layer' && event.digest === digest ? [event.phase] : []))),
]

test('a pull is a promise and a loop over its progress', async () => {
  const seen: string[] = []
  fixture.engine.on('image', ({ action, object }) => seen.push(`${action} ${object}`))
  const pulling = pull('app:1')
  const events = await collect(pulling)
  const image = await pulling
  expect(image.tags).toEqual([fixture.ref('app:1')])
  expect(image.layers.map(({ diffId }) => diffId)).toEqual([layers.base.diffId, layers.one.diffId])
  expect(events[0]).toMatchObject({ type: 'resolved', reference: fixture.ref('app:1'), digest: image.digest })
  for (const { blob } of [layers.base, layers.one]) expect(phases(events, blob.digest).at(-1)).toBe('done')
  const total = layers.base.blob.size + layers.one.blob.size
  expect(events.at(-2)).toEqual({ type: 'total', bytes: total, totalBytes: total })
  expect(events.at(-1)).toEqual({ type: 'done', image, cached: false })
  expect(seen).toEqual([`pull ${image.id}`])
  expect(await damage(fixture.engine.root)).toEqual([])
  // A loop that begins late sees how things ended.
  expect((await collect(pulling)).at(-1)).toEqual({ type: 'done', image, cached: false })
})

test('an image that is there is taken without asking; always asks once', async () => {
  const { registry } = fixture
  await pull('app:1')
  registry.seen.length = 0
  const started = performance.now()
  const events = await collect(pull('app:1'))
  expect(performance.now() - started).toBeLessThan(1000)
  expect(registry.seen).toEqual([])
  expect(events.at(-1)).toMatchObject({ type: 'done', cached: true })
  await pull('app:1', { policy: 'always' })
  expect(registry.seen.map(({ method, path }) => `${method} ${path.split('/').slice(-2).join('/')}`)).toEqual([
    'HEAD manifests/1',
  ])
})

test('an image that shares layers brings only the ones that are missing', async () => {
  await pull('app:1')
  fixture.registry.seen.length = 0
  const events = await collect(pull('app:2'))
  expect(phases(events, layers.base.blob.digest)).toEqual(['exists'])
  expect(phases(events, layers.one.blob.digest)).toEqual(['exists'])
  expect(phases(events, layers.two.blob.digest).at(-1)).toBe('done')
  // The layer and the config.
  expect(fixture.registry.blobTraffic().requests).toBe(2)
  expect(fixture.registry.blobTraffic().bytes).toBeLessThan(layers.two.blob.size + 2000)
})

test('a digest names one image for ever, whatever tag is beside it', async () => {
  const { digest } = await pull('app:1')
  const engine = await fixture.another('digests')
  const pinned = await Image.pull(fixture.ref(`app@${digest}`), { engine })
  expect(pinned.digest).toBe(digest)
  expect(pinned.tags).toEqual([])
  fixture.registry.seen.length = 0
  const again = await Image.pull(fixture.ref(`app:whatever@${digest}`), { engine, policy: 'always' })
  expect(again.id).toBe(pinned.id)
  expect(fixture.registry.seen).toEqual([])
  const wrong = `sha256:${'0'.repeat(64)}`
  expect((await failure(pull(`app@${wrong}`))).code).toBe('ERR_REGISTRY_MANIFEST_UNKNOWN')
})

test('a tag that moved is pulled anew by always, and what it was stays', async () => {
  const { layout, ref } = fixture
  await layout.push('app:1', `docker://${ref('moving:1')}`)
  const before = await pull('moving:1')
  await layout.push('app:2', `docker://${ref('moving:1')}`)
  expect((await pull('moving:1')).id).toBe(before.id)
  const after = await pull('moving:1', { policy: 'always' })
  expect(after.id).not.toBe(before.id)
  expect((await Image.get(ref('moving:1'), { engine: fixture.engine })).id).toBe(after.id)
})

test('never asks nobody, and says so', async () => {
  fixture.registry.seen.length = 0
  expect((await failure(pull('app:none', { policy: 'never' }))).code).toBe('ERR_IMAGE_NOT_FOUND')
  expect(fixture.registry.seen).toEqual([])
})

describe('an index', () => {
  beforeAll(async () => {
    const { layout, ref } = fixture
    const arm = await layout.image([layers.one], { platform: { os: 'linux', architecture: 'arm', variant: 'v6' } })
    const s390x = await layout.image([layers.two], { platform: { os: 'linux', architecture: 's390x' } })
    const here = await layout.image([layers.base, layers.two])
    const attestation = await layout.image([layers.one], { platform: { os: 'unknown', architecture: 'unknown' } })
    await layout.index([attestation, arm, s390x, here], 'multi:1')
    await layout.index([attestation, arm], 'foreign:1')
    for (const name of ['multi:1', 'foreign:1']) await layout.push(name, `docker://${ref(name)}`)
  })

  test('gives this machine its image, and another what it asks for', async () => {
    const here = await pull('multi:1')
    expect(here.layers.map(({ diffId }) => diffId)).toEqual([layers.base.diffId, layers.two.diffId])
    const arm = await pull('multi:1', { platform: 'linux/arm/v7' })
    expect(arm.platform).toEqual({ os: 'linux', architecture: 'arm', variant: 'v6' })
    expect((await pull('multi:1', { platform: here.platform.architecture })).id).toBe(here.id)
  })

  test('gives this machine its image again after another was asked for, if it is always asked', async () => {
    const here = await pull('multi:1', { policy: 'always' })
    const arm = await pull('multi:1', { platform: 'linux/arm/v7' })
    expect((await pull('multi:1')).id).toBe(arm.id)
    expect((await pull('multi:1', { policy: 'always' })).id).toBe(here.id)
    expect((await Image.get(fixture.ref('multi:1'), { engine: fixture.engine })).id).toBe(here.id)
  })

  test('is known by its own digest too', async () => {
    const events = await collect(pull('multi:1', { policy: 'always' }))
    const resolved = events[0] as Extract<PullProgress, { type: 'resolved' }>
    const image = await pull('multi:1')
    expect(resolved.digest).not.toBe(image.digest)
    fixture.registry.seen.length = 0
    expect((await pull(`multi@${resolved.digest}`)).id).toBe(image.id)
    await pull('multi:1', { policy: 'always' })
    expect(fixture.registry.seen.map(({ method }) => method)).toEqual(['HEAD'])
  })

  test('without the platform lists those it has; so does an image of another one', async () => {
    const missing = await failure(pull('foreign:1'))
    expect(missing).toMatchObject({ code: 'ERR_IMAGE_PLATFORM', hint: 'it has images for: linux/arm/v6' })
    const single = await failure(pull('app:1', { platform: 'linux/s390x' }))
    expect(single.code).toBe('ERR_IMAGE_PLATFORM')
    expect(single.hint).toMatch(/linux\/(amd64|arm64)/)
  })
})

describe('a container of an image that is not there', () => {
  test('has it pulled, and tells how far that is', async () => {
    const engine = await fixture.another('containers')
    const seen: string[] = []
    const create = () =>
      Container.runOnce(fixture.ref('app:1'), ['/bin/busybox', 'cat', '/etc/greeting'], {
        engine,
        network: 'none',
        onPullProgress: (progress) => seen.push(progress.type),
      })
    expect((await create()).stdout).toBe('hello from the image\n')
    expect(new Set(seen)).toEqual(new Set(['resolved', 'layer', 'total']))
    fixture.registry.seen.length = 0
    expect((await create()).stdout).toBe('hello from the image\n')
    expect(fixture.registry.seen).toEqual([])
  })

  test('is an error that says where it was looked for', async () => {
    const { engine } = fixture
    const unknown = await failure(Container.create(fixture.ref('app:none'), { engine }))
    expect(unknown).toMatchObject({ code: 'ERR_IMAGE_NOT_FOUND' })
    expect(unknown.cause).toMatchObject({ code: 'ERR_REGISTRY_MANIFEST_UNKNOWN' })
    expect(await failure(Container.create('sha256:abcdef', { engine }))).toMatchObject({ code: 'ERR_IMAGE_NOT_FOUND' })
  })
})

test('a failure that somebody loops over is not unhandled beside it, and options are checked', async () => {
  await expect(collect(pull('app:none'))).rejects.toMatchObject({ code: 'ERR_REGISTRY_MANIFEST_UNKNOWN' })
  expect(await failure(pull('app:1', { policy: 'sometimes' }))).toMatchObject({
    code: 'ERR_INVALID_ARGUMENT',
    option: 'policy',
  })
  expect(await failure(Image.pull('not//a reference', { engine: fixture.engine }))).toMatchObject({
    code: 'ERR_INVALID_REFERENCE',
  })
})

test('nothing is left over but images', async () => {
  const { root } = fixture.engine
  expect(await damage(root)).toEqual([])
  expect(await partialsOf(root)).toEqual([])
  expect((await layersOf(root)).length).toBeLessThanOrEqual(3)
})
