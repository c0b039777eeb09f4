// SPDX-License-Identifier: Apache-2.0
import { stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { Image, type PullProgress } from '../../../src/index.js'
import type { MadeLayer } from './layered-images.js'
import { damage, partialsOf, usePullFixture } from './pull-fixture.js'

const fixture = usePullFixture()
let small: MadeLayer
let large: MadeLayer

beforeAll(async () => {
  const { layout, ref } = fixture
  small = await layout.layer('small', 'rootfs')
  large = await layout.layer('large', { bytes: 8_000_000 })
  await layout.image([small, large], { name: 'app:1' })
  await layout.push('app:1', `docker://${ref('app:1')}`)
})

// Each begins with an empty store, and a registry that hands out a layer in two seconds.
beforeEach(async () => {
  const { engine, registry } = fixture
  for (const image of await Image.list({ engine })) await image.remove()
  await Image.prune({ engine })
  registry.blobRate = 4_000_000
  registry.seen.length = 0
})

const isHalf = (event: PullProgress) =>
  event.type === 'layer' && event.digest === large.blob.digest && event.bytes > large.blob.size / 2

/** Pulls until half of the large layer is there, then aborts. */
const pullHalf = async (): Promise<void> => {
  const abort = new AbortController()
  const pull = Image.pull(fixture.ref('app:1'), { engine: fixture.engine, signal: abort.signal })
  const reading = async () => {
    for await (const event of pull) if (isHalf(event)) abort.abort(new Error('enough'))
  }
  await expect(reading()).rejects.toThrow('enough')
}

const pullRest = async () => {
  fixture.registry.blobRate = undefined
  fixture.registry.seen.length = 0
  const image = await Image.pull(fixture.ref('app:1'), { engine: fixture.engine })
  expect(image.layers.map(({ diffId }) => diffId)).toEqual([small.diffId, large.diffId])
  expect(await damage(fixture.engine.root)).toEqual([])
  expect(await partialsOf(fixture.engine.root)).toEqual([])
  return fixture.registry.blobTraffic().bytes
}

test('after an abort only the rest is downloaded', async () => {
  const { root } = fixture.engine
  await pullHalf()
  expect(await Image.list({ engine: fixture.engine })).toEqual([])
  expect(await partialsOf(root)).toEqual([`partial-sha256-${large.blob.digest.slice(7)}`])
  expect(await pullRest()).toBeLessThan(large.blob.size / 2)
})

test('what an abort left is gone after a prune', async () => {
  await pullHalf()
  await Image.prune({ engine: fixture.engine })
  expect(await partialsOf(fixture.engine.root)).toEqual([])
})

test.each([
  ['wrong in the middle', async (path: string) => writeFile(path, 'not what came', { flag: 'r+' })],
  ['longer than the blob', async (path: string) => truncate(path, large.blob.size + 1)],
])('a beginning that is %s is thrown away', async (_, spoil) => {
  await pullHalf()
  const path = join(fixture.engine.root, 'cache', (await partialsOf(fixture.engine.root))[0]!)
  expect((await stat(path)).size).toBeGreaterThan(large.blob.size / 2)
  await spoil(path)
  // The whole of it, and what went on before that was found out.
  expect(await pullRest()).toBeGreaterThanOrEqual(large.blob.size)
})

test('leaving the loop does not cancel', async () => {
  const pull = Image.pull(fixture.ref('app:1'), { engine: fixture.engine })
  for await (const event of pull) if (isHalf(event)) break
  expect((await pull).layers).toHaveLength(2)
})

test('aborted before it begins nothing happens', async () => {
  const signal = AbortSignal.abort(new Error('never'))
  await expect(Image.pull(fixture.ref('app:1'), { engine: fixture.engine, signal })).rejects.toThrow('never')
  expect(fixture.registry.seen).toEqual([])
})
