// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findImage, getImage } from '../../../src/image/find-image.js'
import { imageFromDirectory } from '../../../src/image/image-from-directory.js'
import type { ImageRecord } from '../../../src/image/image-record.js'
import { importImage } from '../../../src/image/import-image.js'
import { listImages } from '../../../src/image/list-images.js'
import { prepareImage } from '../../../src/image/prepare-image.js'
import { pruneImages } from '../../../src/image/prune-images.js'
import { removeImage } from '../../../src/image/remove-image.js'
import { tagImage } from '../../../src/image/tag-image.js'
import { untagImage } from '../../../src/image/untag-image.js'
import { slow } from '../../support/slow.js'
import { type ImageStore, openImageStore } from './image-store.js'
import { makeRootfs, makeTar, run } from './rootfs.js'

let store: ImageStore
let tar: string
let small: string
beforeAll(async () => {
  store = await openImageStore()
  tar = await makeTar(await makeRootfs(join(store.directory, 'rootfs')), join(store.directory, 'rootfs.tar'))
  small = join(store.directory, 'small')
  await mkdir(small)
  await writeFile(join(small, 'file'), 'small')
})
afterAll(() => store.dispose())

describe('an image', () => {
  let image: ImageRecord
  beforeAll(async () => {
    image = await importImage(store, tar, { tag: 'ghcr.io/owner/app:1', config: { labels: { team: 'blue' } } })
  })

  test('is found by name, name and digest, id and the beginning of its id', async () => {
    const hex = image.id.slice('sha256:'.length)
    for (const reference of [
      'ghcr.io/owner/app:1',
      `ghcr.io/owner/app@${image.digest}`,
      `ghcr.io/owner/app:other@${image.digest}`,
      image.id,
      image.digest,
      hex,
      hex.slice(0, 12),
      image.id.slice(0, 20),
    ]) {
      expect(await getImage(store, reference), reference).toEqual(image)
    }
  })

  test('that is not there is not found, and the error says how to get one', async () => {
    for (const reference of [
      'debian',
      'ghcr.io/owner/app:2',
      `other@${image.digest}`,
      'f'.repeat(64),
      `sha256:${'e'.repeat(64)}`,
    ]) {
      expect(await findImage(store, reference), reference).toBeUndefined()
      await expect(getImage(store, reference)).rejects.toMatchObject({
        code: 'ERR_IMAGE_NOT_FOUND',
        hint: expect.stringContaining('Image.import'),
      })
    }
    await expect(getImage(store, 'No/Name')).rejects.toMatchObject({ code: 'ERR_INVALID_REFERENCE' })
    await expect(getImage(store, '')).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  })

  test('is ambiguous by the beginning that it shares with another', async () => {
    const ids = new Set([image.id.slice(7, 8)])
    let shared: string | undefined
    for (let i = 0; shared === undefined; i++) {
      const other = await imageFromDirectory(store, small, { tag: 'many', config: { labels: { i: `${i}` } } })
      const digit = other.id.slice(7, 8)
      if (ids.has(digit)) shared = digit
      ids.add(digit)
    }
    await expect(getImage(store, `sha256:${shared}`)).rejects.toMatchObject({ code: 'ERR_AMBIGUOUS_ID' })
    for (const other of await listImages(store)) if (other.id !== image.id) await removeImage(store, other)
  })

  test('gets more names, which skopeo sees, and loses one to another image', async () => {
    expect((await tagImage(store, image, 'second')).tags).toEqual(['ghcr.io/owner/app:1', 'second:latest'])
    const seen = JSON.parse(await run('skopeo', 'inspect', `oci:${store.root}:docker.io/library/second:latest`))
    expect(seen.Digest).toBe(image.digest)
    const other = await imageFromDirectory(store, small, { tag: 'other' })
    await tagImage(store, other, 'second')
    expect((await getImage(store, 'second')).id).toBe(other.id)
    expect((await getImage(store, image.id)).tags).toEqual(['ghcr.io/owner/app:1'])
    await expect(tagImage(store, image, `x@${image.digest}`)).rejects.toMatchObject({ code: 'ERR_INVALID_REFERENCE' })
  })

  test('is listed by repository, name, label and having no name', async () => {
    const tags = async (filter: Parameters<typeof listImages>[1]) =>
      (await listImages(store, filter)).flatMap((i) => i.tags)
    expect(await tags({ reference: 'ghcr.io/owner/app' })).toEqual(['ghcr.io/owner/app:1'])
    expect(await tags({ reference: 'ghcr.io/owner/app:9' })).toEqual([])
    expect(await tags({ labels: { team: 'blue' } })).toEqual(['ghcr.io/owner/app:1'])
    const unnamed = await imageFromDirectory(store, small, { config: { user: 'nobody' } })
    expect((await listImages(store, { dangling: true })).map(({ id }) => id)).toEqual([unnamed.id])
    expect((await listImages(store, { dangling: false })).map(({ id }) => id)).not.toContain(unnamed.id)
    await expect(listImages(store, { label: 'x' } as never)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    await removeImage(store, unnamed)
  })
})

describe('a removal', () => {
  let fresh: ImageStore
  beforeAll(async () => {
    fresh = await openImageStore()
  })
  afterAll(() => fresh.dispose())

  test('by one of two names takes only the name, by the last one everything', async () => {
    const image = await importImage(fresh, tar, { tag: 'one' })
    await tagImage(fresh, image, 'two')
    expect(await removeImage(fresh, 'one')).toEqual({
      untagged: ['docker.io/library/one:latest'],
      blobs: [],
      layers: [],
      freedBytes: 0,
    })
    expect((await getImage(fresh, 'two')).tags).toEqual(['two:latest'])
    const removed = await removeImage(fresh, 'two')
    expect(removed.layers).toEqual([image.layers[0]!.diffId])
    expect(await fresh.contents()).toEqual([])
  })

  test('of names alone leaves the image, without one in the end', async () => {
    const image = await importImage(fresh, tar, { tag: 'one' })
    await tagImage(fresh, image, 'two')
    expect((await untagImage(fresh, image, 'one')).tags).toEqual(['two:latest'])
    const problem = { code: 'ERR_INVALID_ARGUMENT', option: 'reference', hint: 'its names are: two:latest' }
    await expect(untagImage(fresh, image, 'one')).rejects.toMatchObject(problem)
    expect((await untagImage(fresh, image, 'two:latest')).tags).toEqual([])
    expect((await listImages(fresh, { dangling: true })).map(({ id }) => id)).toEqual([image.id])
    expect((await tagImage(fresh, image, 'three')).tags).toEqual(['three:latest'])
    await removeImage(fresh, 'three')
    expect(await fresh.contents()).toEqual([])
  })

  test('by id takes all names', async () => {
    const image = await importImage(fresh, tar, { tag: 'one' })
    await tagImage(fresh, image, 'two')
    expect((await removeImage(fresh, image.id)).untagged).toHaveLength(2)
    expect(await fresh.contents()).toEqual([])
    await expect(removeImage(fresh, image)).rejects.toMatchObject({ code: 'ERR_IMAGE_NOT_FOUND' })
  })

  test('leaves what another image needs', async () => {
    const first = await importImage(fresh, tar, { tag: 'first' })
    const second = await importImage(fresh, tar, { tag: 'second', config: { user: 'nobody' } })
    const { blobs, layers } = await removeImage(fresh, 'first')
    expect(layers).toEqual([])
    expect([...blobs].sort()).toEqual([first.id, first.digest].sort())
    const { layers: ready } = await prepareImage(fresh, second)
    expect(await readdir(join(fresh.root, 'layers', ready[0]!, 'fs'))).toContain('bin')
    await removeImage(fresh, 'second')
    expect(await fresh.contents()).toEqual([])
  })

  test('is refused while a container uses the image; forced, the container keeps its layers', async () => {
    const image = await importImage(fresh, tar, { tag: 'used' })
    fresh.inUse.push({ container: 'web', image: image.digest, layers: [image.layers[0]!.diffId] })
    await expect(removeImage(fresh, 'used')).rejects.toMatchObject({
      code: 'ERR_IMAGE_IN_USE',
      message: expect.stringContaining("'web'"),
    })
    expect((await getImage(fresh, 'used')).id).toBe(image.id)
    await removeImage(fresh, 'used', { force: true })
    expect(await findImage(fresh, 'used')).toBeUndefined()
    expect((await readdir(join(fresh.root, 'layers'))).filter((name) => !name.startsWith('.'))).toEqual([
      image.layers[0]!.diffId.slice(7),
    ])
    fresh.inUse.length = 0
    const last = await importImage(fresh, tar)
    await removeImage(fresh, last)
    expect(await fresh.contents()).toEqual([])
  })
})

describe('pruning', () => {
  let fresh: ImageStore
  beforeAll(async () => {
    fresh = await openImageStore()
  })
  afterAll(() => fresh.dispose())

  test('takes what lost its name, on request all that no container uses', async () => {
    const old = await importImage(fresh, tar, { tag: 'app' })
    const current = await importImage(fresh, tar, { tag: 'app' })
    const used = await imageFromDirectory(fresh, small)
    fresh.inUse.push({ container: 'web', image: used.digest, layers: used.layers.map(({ diffId }) => diffId) })
    expect((await pruneImages(fresh)).images).toEqual([old.id])
    expect((await pruneImages(fresh, { all: true })).images).toEqual([current.id])
    expect((await listImages(fresh)).map(({ id }) => id)).toEqual([used.id])
    fresh.inUse.length = 0
    const last = await pruneImages(fresh)
    expect(last.images).toEqual([used.id])
    expect(last.freedBytes).toBeGreaterThan(0)
    expect(await fresh.contents()).toEqual([])
  })

  test('spares what came into use while it waited for others', async () => {
    const image = await importImage(fresh, tar, { tag: 'awaited' })
    const lease = await fresh.store.lease()
    const pruning = pruneImages(fresh, { all: true })
    const layers = image.layers.map(({ diffId }) => diffId)
    fresh.inUse.push({ container: 'late', image: image.digest, layers })
    await lease.release()
    expect(await pruning).toMatchObject({ images: [], layers: [] })
    expect((await findImage(fresh, 'awaited'))?.id).toBe(image.id)
    expect(await fresh.store.layers.has(layers[0]!)).toBe(true)
    fresh.inUse.length = 0
    expect((await pruneImages(fresh, { all: true })).layers).toEqual(layers)
  })
})

describe('preparing an image', () => {
  test('unpacks again what was lost, and costs next to nothing when all is there', async () => {
    const image = await importImage(store, tar, { tag: 'lost' })
    const connection = await store.connection()
    await connection.request('layer.remove', { layer: image.layers[0]!.diffId.slice(7) })
    const { layers } = await prepareImage(store, image)
    expect(await readdir(join(store.root, 'layers', layers[0]!, 'fs'))).toContain('bin')
    const times: number[] = []
    for (let i = 0; i < 200; i++) {
      const start = performance.now()
      await prepareImage(store, image)
      times.push(performance.now() - start)
    }
    // The best of them: what else the machine does is not ours. Measured: 0.02 ms.
    expect(Math.min(...times)).toBeLessThan(0.1 * slow)
  })

  test('of an image that is gone is ERR_IMAGE_NOT_FOUND', async () => {
    const image = await imageFromDirectory(store, small, { tag: 'gone' })
    await removeImage(store, 'gone')
    await expect(prepareImage(store, image)).rejects.toMatchObject({ code: 'ERR_IMAGE_NOT_FOUND' })
  })
})
