// SPDX-License-Identifier: Apache-2.0
import { createReadStream } from 'node:fs'
import { lstat, mkdir, open, readFile, readlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getImage } from '../../../src/image/find-image.js'
import { imageFromDirectory } from '../../../src/image/image-from-directory.js'
import { importImage } from '../../../src/image/import-image.js'
import { prepareImage } from '../../../src/image/prepare-image.js'
import { type ImageStore, openImageStore } from './image-store.js'
import { makeRootfs, makeTar, run } from './rootfs.js'

let store: ImageStore
let rootfs: string
let tar: string

beforeAll(async () => {
  store = await openImageStore()
  rootfs = await makeRootfs(join(store.directory, 'rootfs'))
  tar = await makeTar(rootfs, join(store.directory, 'rootfs.tar'))
})
afterAll(() => store.dispose())

const layerPath = (hex: string, ...path: readonly string[]) => join(store.root, 'layers', hex, 'fs', ...path)

const sameFile = async (a: string, b: string) => (await readFile(a)).equals(await readFile(b))

async function expectTree(hex: string): Promise<void> {
  expect(await readFile(layerPath(hex, 'etc/greeting'), 'utf8')).toBe('hello from the image\n')
  expect(await readlink(layerPath(hex, 'bin/sh'))).toBe('busybox')
  expect(await readlink(layerPath(hex, 'var/run'))).toBe('/run')
  expect((await lstat(layerPath(hex, 'tmp'))).mode & 0o7777).toBe(0o1777)
  expect(await sameFile(layerPath(hex, 'bin/busybox'), '/bin/busybox')).toBe(true)
}

describe('a root file system tar', () => {
  test('from a path becomes an image whose layer is the tree', async () => {
    const image = await importImage(store, tar, { tag: 'my/base:1', config: { cmd: ['/bin/sh'], env: ['A=b'] } })
    expect(image.tags).toEqual(['my/base:1'])
    expect(image.config).toEqual({ cmd: ['/bin/sh'], env: ['A=b'] })
    const prepared = await prepareImage(store, image)
    expect(prepared.hostUsr).toBe(false)
    await expectTree(prepared.layers[0]!)
    expect(await getImage(store, 'docker.io/my/base:1')).toEqual(image)
  })

  test('is what skopeo sees in the store', async () => {
    const image = await importImage(store, tar, { tag: 'seen/by-others' })
    const seen = JSON.parse(await run('skopeo', 'inspect', `oci:${store.root}:docker.io/seen/by-others:latest`))
    expect(seen).toMatchObject({ Digest: image.digest, Os: 'linux', Layers: [image.layers[0]!.digest] })
    const config = JSON.parse(
      await run('skopeo', 'inspect', '--config', `oci:${store.root}:docker.io/seen/by-others:latest`),
    )
    expect(config.rootfs.diff_ids).toEqual([image.layers[0]!.diffId])
  })

  test.each([
    ['gzip', 'gz', '+gzip'],
    ['zstd', 'zst', '+zstd'],
  ])('compressed by %s is kept as it came', async (program, ending, type) => {
    await run(program, '-k', '-f', '-q', tar)
    const image = await importImage(store, `${tar}.${ending}`)
    const plain = await importImage(store, tar)
    expect(await sameFile(store.store.blobs.path(image.layers[0]!.digest), `${tar}.${ending}`)).toBe(true)
    expect(image.layers[0]!.diffId).toBe(plain.layers[0]!.diffId)
    const manifest = JSON.parse(await readFile(store.store.blobs.path(image.digest), 'utf8'))
    expect(manifest.layers[0].mediaType).toBe(`application/vnd.oci.image.layer.v1.tar${type}`)
  })

  test.each([
    ['a Node stream', () => createReadStream(tar)],
    ['a web stream', () => Readable.toWeb(createReadStream(tar)) as never],
    [
      'an async generator',
      () =>
        (async function* () {
          yield* createReadStream(tar) as AsyncIterable<Uint8Array>
        })(),
    ],
  ])('from %s is the same layer', async (_, source) => {
    const image = await importImage(store, source())
    await expectTree((await prepareImage(store, image)).layers[0]!)
  })

  test('an entry named twice is one name, moved from one image to the next', async () => {
    const first = await importImage(store, tar, { tag: 'moving' })
    await writeFile(join(rootfs, 'etc/second'), '2')
    const second = await imageFromDirectory(store, rootfs, { tag: 'moving' })
    expect((await getImage(store, 'moving')).id).toBe(second.id)
    expect((await getImage(store, first.id)).tags).toEqual([])
  })
})

describe('a directory', () => {
  test('becomes an image by copy', async () => {
    const image = await imageFromDirectory(store, rootfs, { tag: 'from/directory' })
    const { layers } = await prepareImage(store, image)
    await writeFile(join(rootfs, 'etc/later'), 'x')
    await expectTree(layers[0]!)
    await expect(lstat(layerPath(layers[0]!, 'etc/later'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('that is none is refused', async () => {
    for (const path of [tar, join(store.directory, 'nowhere'), '']) {
      await expect(imageFromDirectory(store, path)).rejects.toMatchObject({
        code: 'ERR_INVALID_ARGUMENT',
        option: 'path',
      })
    }
  })
})

describe('a failure leaves nothing', () => {
  let fresh: ImageStore
  beforeAll(async () => {
    fresh = await openImageStore()
  })
  afterAll(() => fresh.dispose())

  async function expectRefusal(source: Parameters<typeof importImage>[1], error: object): Promise<void> {
    await expect(importImage(fresh, source, { tag: 'broken' })).rejects.toMatchObject(error)
    expect(await fresh.contents()).toEqual([])
    await expect(getImage(fresh, 'broken')).rejects.toMatchObject({ code: 'ERR_IMAGE_NOT_FOUND' })
  }

  test('of a truncated tar, from a path and from a stream', async () => {
    const cut = join(fresh.directory, 'cut.tar')
    await writeFile(cut, await readFile(tar))
    await truncate(cut, 600_000)
    await expectRefusal(cut, { code: 'ERR_LAYER_INVALID' })
    await expectRefusal(createReadStream(cut), { code: 'ERR_LAYER_INVALID' })
  })

  test('of a truncated gzip', async () => {
    const cut = join(fresh.directory, 'cut.tar.gz')
    await writeFile(cut, (await readFile(`${tar}.gz`)).subarray(0, 100_000))
    await expectRefusal(cut, { code: 'ERR_LAYER_INVALID' })
  })

  test('of an entry that leaves the root', async () => {
    const inner = join(fresh.directory, 'inner')
    await mkdir(inner)
    await writeFile(join(fresh.directory, 'escaped'), 'x')
    const evil = join(fresh.directory, 'evil.tar')
    await run('tar', '-P', '-C', inner, '-cf', evil, '../escaped')
    await expectRefusal(evil, { code: 'ERR_LAYER_INVALID', object: expect.stringContaining('../escaped') })
  })

  test('of what is no tar at all', async () => {
    const text = join(fresh.directory, 'text')
    await writeFile(text, 'this is not a tar\n'.repeat(1000))
    await expectRefusal(text, { code: 'ERR_LAYER_INVALID' })
  })

  test('of a stream that fails, with the error of the stream', async () => {
    const broken = async function* () {
      yield (await readFile(tar)).subarray(0, 700_000)
      throw new RangeError('the network is down')
    }
    await expect(importImage(fresh, broken())).rejects.toThrow('the network is down')
    expect(await fresh.contents()).toEqual([])
  })

  test('of a stream that never ends, when the worker gives up or the caller aborts', async () => {
    let stopped = 0
    const endless = (data: Uint8Array) =>
      new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(data),
        cancel: () => void stopped++,
      })
    await expectRefusal(endless(Buffer.alloc(4096, 'x')) as never, { code: 'ERR_LAYER_INVALID' })
    const reason = new Error('enough')
    const aborted = importImage(fresh, endless((await readFile(tar)).subarray(0, 4096)) as never, {
      signal: AbortSignal.any([AbortSignal.timeout(20_000), abortSoon(reason)]),
    })
    await expect(aborted).rejects.toBe(reason)
    expect(stopped).toBe(2)
    expect(await fresh.contents()).toEqual([])
  })

  test('of options that make no sense, before anything is read', async () => {
    const never = () => expect.fail('the source was read')
    const source = { [Symbol.asyncIterator]: never } as never
    const refused = [{ tag: 'UPPER' }, { tag: `a@sha256:${'0'.repeat(64)}` }, { config: { cmd: 'sh' } }, { tags: 'x' }]
    for (const options of refused) await expect(importImage(fresh, source, options as never)).rejects.toThrow()
    await expect(importImage(fresh, join(fresh.directory, 'missing.tar'))).rejects.toMatchObject({ errno: 'ENOENT' })
    await expect(importImage(fresh, 7 as never)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  })
})

test('a FIFO is read like a stream', async () => {
  const fifo = join(store.directory, 'fifo')
  await run('mkfifo', fifo)
  const [image] = await Promise.all([importImage(store, fifo), run('dd', `if=${tar}`, `of=${fifo}`, 'status=none')])
  const copy = await open(store.store.blobs.path(image.layers[0]!.digest))
  expect((await copy.stat()).size).toBe((await lstat(tar)).size)
  await copy.close()
})

function abortSoon(reason: unknown): AbortSignal {
  const controller = new AbortController()
  setTimeout(() => controller.abort(reason), 100)
  return controller.signal
}
