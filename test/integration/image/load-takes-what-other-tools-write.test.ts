// SPDX-License-Identifier: Apache-2.0
import { createReadStream } from 'node:fs'
import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { getImage } from '../../../src/image/find-image.js'
import { importImage } from '../../../src/image/import-image.js'
import { loadImage, loadImages } from '../../../src/image/load-images.js'
import { prepareImage } from '../../../src/image/prepare-image.js'
import { digestOf } from '../../../src/oci/digest.js'
import { type ImageStore, openImageStore } from './image-store.js'
import { makeRootfs, makeTar, run } from './rootfs.js'

let work: string
let store: ImageStore
let other: ImageStore

// Made by umoci and skopeo: an OCI layout of two layers with a whiteout, and the same as tar, docker-archive and compressed.
beforeAll(async () => {
  store = await openImageStore()
  other = await openImageStore()
  work = store.directory
  const layout = join(work, 'layout')
  await run('umoci', 'init', '--layout', layout)
  await run('umoci', 'new', '--image', `${layout}:1.0`)
  const bundle = join(work, 'bundle')
  const rootless = process.getuid?.() === 0 ? [] : ['--rootless']
  await run('umoci', 'unpack', ...rootless, '--image', `${layout}:1.0`, bundle)
  await makeRootfs(join(bundle, 'rootfs'))
  await run('umoci', 'repack', '--image', `${layout}:1.0`, bundle)
  await rm(bundle, { recursive: true })
  await run('umoci', 'unpack', ...rootless, '--image', `${layout}:1.0`, bundle)
  await rm(join(bundle, 'rootfs/etc/greeting'))
  await writeFile(join(bundle, 'rootfs/etc/second'), 'second layer\n')
  await run('umoci', 'repack', '--image', `${layout}:1.0`, bundle)
  await run('umoci', 'config', '--image', `${layout}:1.0`, '--config.cmd', '/bin/sh', '--config.env', 'A=b')
  await run('skopeo', 'copy', '-q', `oci:${layout}:1.0`, `oci-archive:${join(work, 'oci.tar')}:example.com/team/app:2`)
  await run(
    'skopeo',
    'copy',
    '-q',
    `oci:${layout}:1.0`,
    `docker-archive:${join(work, 'docker.tar')}:example.com/team/app:3`,
  )
  await run('gzip', '-k', join(work, 'docker.tar'))
})
afterAll(async () => {
  await store.dispose()
  await other.dispose()
})

async function expectImage(at: ImageStore, image: Awaited<ReturnType<typeof loadImage>>): Promise<void> {
  expect(image.config).toMatchObject({ cmd: ['/bin/sh'], env: ['A=b'] })
  const { layers } = await prepareImage(at, image)
  // As an ordinary user umoci leaves directories out whose owners it cannot set: then a layer that corrects them comes on top.
  expect(layers.slice(0, 2)).toEqual(image.layers.map(({ diffId }) => diffId.slice('sha256:'.length)))
  const [lower, upper] = layers.map((hex) => join(at.root, 'layers', hex, 'fs'))
  expect(await readFile(join(lower!, 'etc/greeting'), 'utf8')).toBe('hello from the image\n')
  expect(await readFile(join(upper!, 'etc/second'), 'utf8')).toBe('second layer\n')
  expect(await run('stat', '-c', '%F %t:%T', join(upper!, 'etc/greeting'))).toBe('character special file 0:0\n')
  for (const { digest, sizeBytes } of image.layers) {
    expect(digestOf(await readFile(at.store.blobs.path(digest)))).toBe(digest)
    expect((await readFile(at.store.blobs.path(digest))).length).toBe(sizeBytes)
  }
}

describe('an OCI layout', () => {
  test('of umoci loads from its directory, which stays as it is', async () => {
    const before = await readdir(join(work, 'layout/blobs/sha256'))
    const image = await loadImage(store, join(work, 'layout'))
    await expectImage(store, image)
    // A tag alone is no name.
    expect(image.tags).toEqual([])
    expect(await readdir(join(work, 'layout/blobs/sha256'))).toEqual(before)
    const seen = JSON.parse(await run('skopeo', 'inspect', `oci:${join(work, 'layout')}:1.0`))
    expect(image.digest).toBe(seen.Digest)
  })

  test('of skopeo loads from a tar and from a stream, with its name', async () => {
    for (const source of [join(work, 'oci.tar'), createReadStream(join(work, 'oci.tar'))]) {
      const image = await loadImage(other, source)
      await expectImage(other, image)
      expect(image.tags).toEqual(['example.com/team/app:2'])
      expect((await getImage(other, 'example.com/team/app:2')).id).toBe(image.id)
    }
  })

  test('that we wrote ourselves is one of several images', async () => {
    const tar = await makeTar(await makeRootfs(join(work, 'rootfs')), join(work, 'rootfs.tar'))
    const source = await openImageStore()
    try {
      await importImage(source, tar, { tag: 'one' })
      await importImage(source, tar, { tag: 'two', config: { user: 'nobody' } })
      await expect(loadImage(other, source.root)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
      const images = await loadImages(other, source.root)
      expect(images.map(({ tags }) => tags)).toEqual([['one:latest'], ['two:latest']])
    } finally {
      await source.dispose()
    }
  })

  test('with several platforms gives the one asked for, through nested indexes and past attestations', async () => {
    const layout = await platforms(join(work, 'platforms'))
    const here = await loadImage(store, layout)
    expect(here.platform.architecture).toBe(process.arch === 'x64' ? 'amd64' : 'arm64')
    const arm = await loadImage(store, layout, { platform: 'linux/arm/v7' })
    expect(arm.platform).toEqual({ os: 'linux', architecture: 'arm', variant: 'v7' })
    await expect(loadImage(store, layout, { platform: 'linux/s390x' })).rejects.toMatchObject({
      code: 'ERR_IMAGE_PLATFORM',
      hint: expect.stringContaining('linux/arm/v7'),
    })
  })
})

describe('a docker-archive', () => {
  test('of skopeo loads plain and compressed, from a path and from a stream', async () => {
    const gz = join(work, 'docker.tar.gz')
    const fresh = await openImageStore()
    try {
      for (const source of [join(work, 'docker.tar'), gz, createReadStream(gz)]) {
        const image = await loadImage(fresh, source)
        await expectImage(fresh, image)
        expect(image.tags).toEqual(['example.com/team/app:3'])
      }
    } finally {
      await fresh.dispose()
    }
  })

  test('keeps the id that docker gives the image', async () => {
    const image = await loadImage(other, join(work, 'docker.tar'))
    const manifest = JSON.parse(await run('tar', '-xOf', join(work, 'docker.tar'), 'manifest.json'))
    expect(image.id).toBe(`sha256:${manifest[0].Config.replace('.json', '')}`)
  })
})

describe('a failure leaves nothing', () => {
  let fresh: ImageStore
  let layout: string
  beforeAll(async () => {
    fresh = await openImageStore()
  })
  afterAll(() => fresh.dispose())
  beforeEach(async () => {
    layout = join(fresh.directory, 'broken')
    await rm(layout, { recursive: true, force: true })
    await cp(join(work, 'layout'), layout, { recursive: true })
  })

  async function expectRefusal(source: Parameters<typeof loadImage>[1], error: object): Promise<void> {
    await expect(loadImage(fresh, source)).rejects.toMatchObject(error)
    expect(await fresh.contents()).toEqual([])
    expect(await fresh.store.images.list()).toEqual([])
  }

  const blob = (digest: string) => join(layout, 'blobs/sha256', digest.slice('sha256:'.length))
  const json = async (path: string) => JSON.parse(await readFile(path, 'utf8'))
  const manifestOf = async () => json(blob((await json(join(layout, 'index.json'))).manifests[0].digest))

  test('of a layer with another content of the same size', async () => {
    const { layers } = await manifestOf()
    const data = await readFile(blob(layers[1].digest))
    data[data.length - 1]! ^= 1
    await writeFile(blob(layers[1].digest), data)
    await expectRefusal(layout, { code: 'ERR_DIGEST_MISMATCH' })
  })

  test('of a config or a manifest that was changed', async () => {
    const { config } = await manifestOf()
    await writeFile(blob(config.digest), (await readFile(blob(config.digest), 'utf8')).replace('/bin/sh', '/bin/ss'))
    await expectRefusal(layout, { code: 'ERR_DIGEST_MISMATCH', object: config.digest })
  })

  test('of a layer that is missing', async () => {
    const { layers } = await manifestOf()
    await rm(blob(layers[0].digest))
    await expectRefusal(layout, { code: 'ERR_ARCHIVE_INVALID' })
  })

  test('of a layer whose diffID is another, in an OCI layout and in a docker-archive', async () => {
    const wrong = `sha256:${'0'.repeat(64)}`
    await rewriteConfig(layout, (config) => {
      config.rootfs.diff_ids[1] = wrong
    })
    await expectRefusal(layout, { code: 'ERR_DIGEST_MISMATCH' })
    const archive = join(fresh.directory, 'docker')
    await rm(archive, { recursive: true, force: true })
    await mkdir(archive)
    await run('tar', '-C', archive, '-xf', join(work, 'docker.tar'))
    const [saved] = await json(join(archive, 'manifest.json'))
    const config = await json(join(archive, saved.Config))
    config.rootfs.diff_ids[1] = wrong
    await rm(join(archive, 'manifest.json'))
    await writeFile(join(archive, 'config'), JSON.stringify(config))
    await writeFile(join(archive, 'manifest.json'), JSON.stringify([{ ...saved, Config: 'config' }]))
    const tar = join(fresh.directory, 'docker.tar')
    await run('tar', '-C', archive, '-cf', tar, '.')
    await expectRefusal(tar, { code: 'ERR_DIGEST_MISMATCH' })
    await expectRefusal(archive, { code: 'ERR_DIGEST_MISMATCH' })
  })

  test('of links and names that lead out of the archive', async () => {
    const { layers } = await manifestOf()
    const secret = join(fresh.directory, 'secret')
    await rename(blob(layers[0].digest), secret)
    await symlink(secret, blob(layers[0].digest))
    await expectRefusal(layout, { code: 'ERR_ARCHIVE_INVALID' })
    const archive = join(fresh.directory, 'evil')
    await rm(archive, { recursive: true, force: true })
    await mkdir(archive)
    const config = {
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: [digestOf(await readFile(secret))] },
    }
    await writeFile(join(archive, 'config.json'), JSON.stringify(config))
    await writeFile(
      join(archive, 'manifest.json'),
      JSON.stringify([{ Config: 'config.json', RepoTags: ['evil:1'], Layers: ['../../secret'] }]),
    )
    await expectRefusal(archive, { code: 'ERR_ARCHIVE_INVALID' })
  })

  test('of what is no image archive', async () => {
    const empty = join(fresh.directory, 'empty')
    await mkdir(empty, { recursive: true })
    const rootfs = join(work, 'rootfs.tar')
    await expectRefusal(empty, { code: 'ERR_ARCHIVE_INVALID', hint: expect.stringContaining('import') })
    await expectRefusal(rootfs, { code: 'ERR_ARCHIVE_INVALID' })
    await expectRefusal('/bin/busybox', { code: 'ERR_ARCHIVE_INVALID' })
    const cut = join(fresh.directory, 'cut.tar.gz')
    await writeFile(cut, (await readFile(join(work, 'docker.tar.gz'))).subarray(0, 200_000))
    await expectRefusal(cut, { code: 'ERR_ARCHIVE_INVALID' })
    await expectRefusal(createReadStream(cut), { code: 'ERR_ARCHIVE_INVALID' })
    await expectRefusal(join(fresh.directory, 'missing'), { code: 'ERR_INVALID_ARGUMENT', errno: 'ENOENT' })
  })

  test('of an abort in the middle', async () => {
    const reason = new Error('enough')
    const abort = new AbortController()
    const slow = async function* () {
      const data = await readFile(join(work, 'oci.tar'))
      yield data.subarray(0, 100_000)
      abort.abort(reason)
      yield data.subarray(100_000)
    }
    await expect(loadImage(fresh, slow(), { signal: abort.signal })).rejects.toBe(reason)
    expect(await fresh.contents()).toEqual([])
  })
})

// A layout with an index in an index: this machine's platform, arm v7 and an attestation, all of the same layers.
async function platforms(layout: string): Promise<string> {
  await cp(join(work, 'layout'), layout, { recursive: true })
  const put = async (text: string) => {
    const digest = digestOf(text)
    await writeFile(join(layout, 'blobs/sha256', digest.slice(7)), text)
    return { digest, size: Buffer.byteLength(text) }
  }
  const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8'))
  const read = async (digest: string) => readFile(join(layout, 'blobs/sha256', digest.slice(7)), 'utf8')
  const manifest = JSON.parse(await read(index.manifests[0].digest))
  const config = JSON.parse(await read(manifest.config.digest))
  const armConfig = await put(JSON.stringify({ ...config, architecture: 'arm', variant: 'v7' }))
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const arm = await put(JSON.stringify({ ...manifest, mediaType, config: { ...manifest.config, ...armConfig } }))
  const statement = await put('{}')
  const indexType = 'application/vnd.oci.image.index.v1+json'
  const entries = [
    { mediaType, ...statement, platform: { os: 'unknown', architecture: 'unknown' } },
    { mediaType, ...arm, platform: { os: 'linux', architecture: 'arm', variant: 'v7' } },
    { ...index.manifests[0], annotations: undefined, platform: { os: 'linux', architecture: config.architecture } },
  ]
  const nested = await put(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: entries }))
  const top = { schemaVersion: 2, manifests: [{ mediaType: indexType, ...nested }] }
  await writeFile(join(layout, 'index.json'), JSON.stringify(top))
  return layout
}

interface MutableConfig {
  rootfs: { diff_ids: string[] }
}

// Changes the config and everything that names it, so that only what is changed is wrong.
async function rewriteConfig(layout: string, change: (config: MutableConfig) => void): Promise<void> {
  const path = (digest: string) => join(layout, 'blobs/sha256', digest.slice(7))
  const put = async (value: unknown) => {
    const text = JSON.stringify(value)
    await writeFile(path(digestOf(text)), text)
    return { digest: digestOf(text), size: Buffer.byteLength(text) }
  }
  const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8'))
  const manifest = JSON.parse(await readFile(path(index.manifests[0].digest), 'utf8'))
  const config = JSON.parse(await readFile(path(manifest.config.digest), 'utf8'))
  change(config)
  manifest.config = { ...manifest.config, ...(await put(config)) }
  index.manifests[0] = { ...index.manifests[0], ...(await put(manifest)) }
  await writeFile(join(layout, 'index.json'), JSON.stringify(index))
}
