// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { Image } from '../../../src/index.js'
import { mediaTypes } from '../../../src/oci/media-types.js'
import { type MadeLayer, skopeo } from './layered-images.js'
import { usePullFixture } from './pull-fixture.js'

const fixture = usePullFixture()
let base: MadeLayer
let images: readonly Image[]
const platforms = [
  { os: 'linux', architecture: process.arch === 'x64' ? 'amd64' : process.arch },
  { os: 'linux', architecture: 'riscv64' },
  { os: 'linux', architecture: 'arm', variant: 'v7' },
]

// The images share a layer, and each has one of its own.
beforeAll(async () => {
  const { layout, engine } = fixture
  base = await layout.layer('base', 'rootfs')
  for (const [index, platform] of platforms.entries()) {
    const own = await layout.layer(`own-${index}`, { bytes: 300_000 + index })
    await layout.image([base, own], { name: `app:${index}`, platform })
  }
  images = await Image.loadAll(layout.directory, { engine })
  expect(images).toHaveLength(3)
})

const at = (name: string) => `docker://${fixture.ref(name)}`
const raw = async (name: string) => JSON.parse(await skopeo('inspect', '--raw', '--tls-verify=false', at(name)))

test('an index of images is pushed with all of them, and skopeo copies all of it out', async () => {
  const { engine, ref, directory, registry } = fixture
  await Image.createIndex(ref('all:1'), images, { engine })
  const found = await Image.get(ref('all:1'), { engine })
  registry.seen.length = 0
  const pushed = await found.push(ref('all:1'))
  // The layer that all of them have went up once.
  const uploads = registry.seen.filter(({ method, path }) => method === 'PUT' && path.includes('/blobs/uploads/'))
  expect(uploads).toHaveLength(1 + 3 + 3)

  const index = await raw('all:1')
  expect(index.mediaType).toBe(mediaTypes.index)
  expect(index.manifests.map((entry: { digest: string }) => entry.digest)).toEqual(images.map(({ digest }) => digest))
  expect(index.manifests.map((entry: { platform: object }) => entry.platform)).toEqual(platforms)

  const to = join(directory, 'copied')
  await skopeo('copy', '--all', '--preserve-digests', '-q', '--src-tls-verify=false', at('all:1'), `oci:${to}:all`)
  const [entry] = JSON.parse(await readFile(join(to, 'index.json'), 'utf8')).manifests
  expect(entry.digest).toBe(pushed.digest)
  const own = JSON.parse(await readFile(join(engine.root, 'blobs/sha256', pushed.digest.slice(7)), 'utf8'))
  expect(own).toEqual(index)
})

test('each of its platforms can be pulled elsewhere', async () => {
  const { ref } = fixture
  const other = await fixture.another('other')
  const pulled: unknown[] = []
  for (const platform of [undefined, 'linux/riscv64', 'linux/arm/v7']) {
    const image = await Image.pull(ref('all:1'), { engine: other, ...(platform && { platform }), policy: 'always' })
    pulled.push([platform, image.digest])
  }
  const [native, riscv, arm] = images.map(({ digest }) => digest)
  expect(pulled).toEqual([
    [undefined, native],
    ['linux/riscv64', riscv],
    ['linux/arm/v7', arm],
  ])
})

test('an index that was pulled for one platform is pushed as the image of that', async () => {
  const { ref } = fixture
  const other = await fixture.another('one')
  const pulled = await Image.pull(ref('all:1'), { engine: other, platform: 'linux/riscv64' })
  await pulled.push(ref('only:1'))
  expect((await raw('only:1')).mediaType).not.toBe(mediaTypes.index)
  expect((await Image.pull(ref('only:1'), { engine: other, platform: 'linux/riscv64' })).digest).toBe(images[1]?.digest)
})

test('pushed again nothing is sent but the index itself', async () => {
  const { engine, ref, registry } = fixture
  const found = await Image.get(ref('all:1'), { engine })
  registry.seen.length = 0
  await found.push(ref('all:1'))
  expect(registry.seen.filter(({ method }) => method === 'POST' || method === 'PATCH')).toEqual([])
  expect(registry.seen.filter(({ method }) => method === 'PUT').at(-1)?.path).toMatch(/\/manifests\/1$/)
})
