// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { Image } from '../../../src/index.js'
import { mediaTypes } from '../../../src/oci/media-types.js'
import type { MadeLayer } from './layered-images.js'
import { layersOf, partialsOf, usePullFixture } from './pull-fixture.js'

const fixture = usePullFixture()
let base: MadeLayer
let top: MadeLayer

beforeAll(async () => {
  const { layout, ref } = fixture
  base = await layout.layer('base', 'rootfs')
  top = await layout.layer('top', { bytes: 2_000_000 })
  const garbage = gzipSync('this is no tar at all'.repeat(1000))
  const noTar = { blob: await layout.blob(garbage, mediaTypes.layerGzip), diffId: top.diffId }
  const noGzip = { blob: await layout.blob(Buffer.alloc(100_000, 'x'), mediaTypes.layerGzip), diffId: top.diffId }
  await layout.image([base, top], { name: 'good:1' })
  await layout.image([base, { ...top, diffId: base.diffId }], { name: 'wrong-diff-id:1' })
  await layout.image([base, noTar], { name: 'no-tar:1' })
  await layout.image([base, noGzip], { name: 'no-gzip:1' })
  for (const name of ['good:1', 'wrong-diff-id:1', 'no-tar:1', 'no-gzip:1']) {
    await layout.push(name, `docker://${ref(name)}`)
  }
})
afterEach(() => {
  fixture.registry.tamper = undefined
  fixture.registry.blobRate = undefined
})

const flipped = (body: Buffer): Buffer => {
  const copy = Buffer.from(body)
  const middle = copy.length >> 1
  copy.writeUInt8(copy.readUInt8(middle) ^ 0xff, middle)
  return copy
}

const expectEmpty = async (): Promise<void> => {
  const { engine } = fixture
  expect(await Image.list({ engine })).toEqual([])
  expect(await readdir(join(engine.root, 'blobs/sha256'))).toEqual([])
  expect(await layersOf(engine.root)).toEqual([])
  expect(await partialsOf(engine.root)).toEqual([])
  expect(await readdir(join(engine.root, 'tmp'))).toEqual([])
}

const tampered: readonly (readonly [string, () => string])[] = [
  ['a layer', () => `/blobs/${top.blob.digest}`],
  ['a config', () => '/blobs/'],
]

test.each(tampered)('%s whose bytes are not its digest', async (_, part) => {
  const { registry, engine, ref } = fixture
  const isConfig = (path: string) => ![base, top].some(({ blob }) => path.includes(blob.digest))
  registry.tamper = (path) => (path.includes(part()) && (part() !== '/blobs/' || isConfig(path)) ? flipped : null)
  registry.seen.length = 0
  await expect(Image.pull(ref('good:1'), { engine })).rejects.toMatchObject({ code: 'ERR_DIGEST_MISMATCH' })
  // Once more from the registry itself, and then no more.
  expect(registry.seen.filter(({ path }) => registry.tamper?.(path)).length).toBe(2)
  await expectEmpty()
})

test('a manifest whose bytes are not what was announced', async () => {
  const { registry, engine, ref } = fixture
  registry.tamper = (path) => (path.includes('/manifests/') ? flipped : null)
  await expect(Image.pull(ref('good:1'), { engine })).rejects.toMatchObject({ code: 'ERR_DIGEST_MISMATCH' })
  await expectEmpty()
})

test.each([
  ['wrong-diff-id:1', 'ERR_DIGEST_MISMATCH'],
  ['no-tar:1', 'ERR_LAYER_INVALID'],
  ['no-gzip:1', 'ERR_LAYER_INVALID'],
])('%s is %s, asked for once', async (name, code) => {
  const { registry, engine, ref } = fixture
  registry.seen.length = 0
  // The other layer is still on its way by then.
  registry.blobRate = 1_000_000
  await expect(Image.pull(ref(name), { engine })).rejects.toMatchObject({ code })
  // These are the right bytes, so that nobody else has better ones: a config and two layers.
  expect(registry.blobTraffic().requests).toBeLessThanOrEqual(3)
  await expectEmpty()
})

test('what went wrong once is pulled when it is right', async () => {
  const { engine, ref } = fixture
  expect((await Image.pull(ref('good:1'), { engine })).layers).toHaveLength(2)
})
