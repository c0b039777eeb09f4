// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { Container, Image } from '../../../src/index.js'
import { writeLayout } from '../../support/layered-layout.js'
import { useTestEngine } from '../../support/test-engine.js'
import { run } from './rootfs.js'

const host = useTestEngine()
const layer = (text: string) => [[{ path: 'which', data: text }]]
let native: Image
let foreign: Image
beforeAll(async () => {
  const engine = host.engine
  const own = await writeLayout(join(host.directory, 'own'), layer('own'), { name: 'own:1' })
  const other = await writeLayout(join(host.directory, 'other'), layer('other'), {
    name: 'other:1',
    architecture: 'riscv64',
  })
  native = await Image.load(own, { engine })
  foreign = await Image.load(other, { engine, platform: 'linux/riscv64' })
})

describe('an index of images', () => {
  test('has one name, which leads to the image that runs here and to every other', async () => {
    const { engine } = host
    const index = await Image.createIndex('both:1', [native, foreign], { engine })
    expect(index).toMatchObject({ reference: 'both:1', platforms: expect.arrayContaining(['linux/riscv64']) })
    const found = await Image.get('both:1', { engine })
    expect(found.digest).toBe(native.digest)
    expect((await found.inspect()).names).toEqual(['docker.io/library/both:1'])
    const raw = JSON.parse(await run('skopeo', 'inspect', '--raw', `oci:${host.root}:docker.io/library/both:1`))
    expect(raw.manifests.map((entry: { digest: string }) => entry.digest)).toEqual([native.digest, foreign.digest])
  })

  test('keeps its images when they lose their own names', async () => {
    const { engine } = host
    for (const image of [native, foreign]) await image.remove()
    await Image.prune({ engine })
    const found = await Image.get('both:1', { engine })
    expect(found.digest).toBe(native.digest)
    const raw = await run(
      'skopeo',
      'inspect',
      '--raw',
      '--override-arch',
      'riscv64',
      `oci:${host.root}:docker.io/library/both:1`,
    )
    expect(JSON.parse(raw).manifests.length).toBe(2)
    const box = await Container.create(found, { engine, command: ['/which'] }).catch((error) => error)
    expect(box).not.toMatchObject({ code: 'ERR_STORE_CORRUPT' })
    if (box instanceof Container) await box.remove({ force: true })
  })

  test('is saved as a whole', async () => {
    const { engine } = host
    const found = await Image.get('both:1', { engine })
    const saved = join(host.directory, 'saved')
    await found.save(saved)
    const raw = JSON.parse(await run('skopeo', 'inspect', '--raw', `oci:${saved}:docker.io/library/both:1`))
    expect(raw.manifests.length).toBe(2)
    expect((await Image.load(saved, { engine, platform: 'linux/riscv64' })).digest).toBe(foreign.digest)
    expect((await Image.get('both:1', { engine })).digest).toBe(foreign.digest)
  })

  test('is loaded as a whole, unless one platform is asked for', async () => {
    const { engine } = host
    const loaded = await Image.load(join(host.directory, 'saved'), { engine })
    expect([loaded.digest, loaded.tags]).toEqual([native.digest, ['both:1']])
    expect((await Image.get('both:1', { engine, platform: 'linux/riscv64' })).digest).toBe(foreign.digest)
    await loaded.save(join(host.directory, 'again.tar'))
    const raw = await run('skopeo', 'inspect', '--raw', `oci-archive:${join(host.directory, 'again.tar')}`)
    expect(JSON.parse(raw).manifests.length).toBe(2)
  })

  test('of two images for one platform, of none, or of something else is refused', async () => {
    const { engine } = host
    const twice = Image.createIndex('x:1', [native, native], { engine })
    await expect(twice).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option: 'images' })
    await expect(Image.createIndex('x:1', [], { engine })).rejects.toMatchObject({ option: 'images' })
    await expect(Image.createIndex('x:1', ['own:1' as never], { engine })).rejects.toMatchObject({
      option: 'images[0]',
    })
    await expect(Image.createIndex('X', [native], { engine })).rejects.toMatchObject({ code: 'ERR_INVALID_REFERENCE' })
  })
})

describe('an image whose layers have sha512 digests', () => {
  test('is loaded, unpacked, inspected and saved', async () => {
    const { engine } = host
    const layout = await writeLayout(
      join(host.directory, 'long'),
      [[{ path: 'a', data: 'a'.repeat(1000) }], [{ path: 'dir/b', data: 'b' }]],
      { name: 'long:1', algorithm: 'sha512' },
    )
    const image = await Image.load(layout, { engine })
    expect(image.layers.map(({ digest }) => digest.slice(0, 7))).toEqual(['sha512:', 'sha512:'])
    expect((await image.inspect()).unpackedBytes).toBeGreaterThan(1000)
    const box = await Container.create(image, { engine, idle: true })
    expect(await box.diff()).toEqual([])
    await box.remove()
    await image.save(join(host.directory, 'long.tar'))
    await image.remove()
    expect((await Image.load(join(host.directory, 'long.tar'), { engine })).digest).toBe(image.digest)
  })

  test('is refused where a blob is not what its digest says', async () => {
    const directory = join(host.directory, 'wrong')
    await writeLayout(directory, [[{ path: 'a', data: 'aaaa' }]], { name: 'wrong:1', algorithm: 'sha512' })
    await run(
      'sh',
      '-c',
      'for f in "$0"/blobs/sha512/*; do printf b | dd of="$f" bs=1 seek=512 conv=notrunc status=none; done',
      directory,
    )
    await expect(Image.load(directory, { engine: host.engine })).rejects.toMatchObject({ code: 'ERR_DIGEST_MISMATCH' })
  })
})
