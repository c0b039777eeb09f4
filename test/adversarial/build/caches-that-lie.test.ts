// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CacheDocument } from '../../../src/build/cache/cache-document.js'
import { Container, Engine, Image } from '../../../src/index.js'
import { type Digest, digestOf } from '../../../src/oci/digest.js'
import { buildAndListen } from '../../integration/build/elsewhere.js'
import { makeRootfs, makeTar } from '../../integration/image/rootfs.js'
import { type FakeRegistry, startFakeRegistry } from '../../support/registry/fake-registry.js'
import { emptyAndClose, useTestEngine } from '../../support/test-engine.js'

/** Where the caches are made, and where they are used. */
const host = useTestEngine()
const box = '/bin/busybox'
let there: Engine
let root = ''
let broken: FakeRegistry

const textOf = (name: string) => `FROM base:1\nRUN echo ${name} > /made\nRUN ${box} cat /made > /copy\n`
const outputOf = async (image: Image, path: string, engine = there) =>
  (await Container.runOnce(image, [box, 'cat', path], { engine, network: 'none' })).stdout

beforeAll(async () => {
  const tar = await makeTar(await makeRootfs(join(host.directory, 'rootfs')), join(host.directory, 'rootfs.tar'))
  const base = await Image.import(tar, { engine: host.engine, tag: 'base:1' })
  await base.save(join(host.directory, 'base'))
  root = join(host.directory, 'there')
  there = await Engine.open({ root, runRoot: join(host.directory, 'run-there') })
  await Image.load(join(host.directory, 'base'), { engine: there })
  broken = await startFakeRegistry((_request, answer) => answer.writeHead(500).end())
})
afterAll(async () => {
  await broken?.stop()
  if (there) await emptyAndClose(there, join(host.directory, 'run-there'))
})

interface Rewriting {
  readonly document: { -readonly [K in keyof CacheDocument]: CacheDocument[K][number][] }
  readonly layers: { digest: string; size: number; mediaType: string }[]
}

const pathOf = (name: string) => join(host.directory, `cache-${name}`)
const blobAt = (path: string, digest: string) => join(path, 'blobs', digest.replace(':', '/'))

/** A cache of the build of that name, with another document and manifest, whose digests are right. */
const rewritten = async (name: string, change: (cache: Rewriting) => void): Promise<string> => {
  const path = pathOf(name)
  await buildAndListen(host.engine, { dockerfileText: textOf(name), cacheTo: { type: 'local', path } })
  const read = async (digest: string) => JSON.parse(await readFile(blobAt(path, digest), 'utf8'))
  const write = async (value: unknown) => {
    const bytes = Buffer.from(JSON.stringify(value))
    await writeFile(blobAt(path, digestOf(bytes)), bytes)
    return { digest: digestOf(bytes), size: bytes.byteLength }
  }
  const index = JSON.parse(await readFile(join(path, 'index.json'), 'utf8'))
  const manifest = await read(index.manifests[0].digest)
  const document = await read(manifest.config.digest)
  change({ document, layers: manifest.layers })
  Object.assign(manifest.config, await write(document))
  Object.assign(index.manifests[0], await write(manifest))
  await writeFile(join(path, 'index.json'), JSON.stringify(index))
  return path
}

/** The same with its files changed. */
const damaged = async (name: string, change: (path: string, layer: string) => Promise<unknown>): Promise<string> => {
  const layers: string[] = []
  const path = await rewritten(name, (cache) => layers.push(...cache.layers.map(({ digest }) => digest)))
  await change(path, blobAt(path, layers.at(-1) as string))
  return path
}

describe('a cache costs a warning, and leaves nothing in the store', () => {
  const index = (path: string) => join(path, 'index.json')
  test.each<readonly [string, string, () => Promise<string>]>([
    ['whose layer has other bytes', 'bytes', () => damaged('bytes', (_, layer) => writeFile(layer, 'x'.repeat(200)))],
    ['whose layer is cut short', 'short', () => damaged('short', (_, layer) => truncate(layer, 20))],
    ['whose layer is gone', 'gone', () => damaged('gone', (_, layer) => rm(layer))],
    [
      'whose layer is a link to the host',
      'link',
      () => damaged('link', (_, layer) => rm(layer).then(() => symlink('/etc/hostname', layer))),
    ],
    ['whose index is cut short', 'index', () => damaged('index', (path) => truncate(index(path), 20))],
    ['that is not there', 'nowhere', async () => pathOf('nowhere')],
    ['that is another kind of directory', 'other', async () => join(host.directory, 'rootfs')],
    [
      'whose layers are not what they are said to be',
      'swapped',
      () => rewritten('swapped', ({ layers }) => void layers.reverse()),
    ],
    [
      'whose layers are no archives',
      'nothing',
      () =>
        rewritten('nothing', ({ document, layers }) => {
          const config = JSON.stringify(document)
          for (const layer of layers) Object.assign(layer, { digest: digestOf(config), size: config.length })
        }),
    ],
    [
      'whose layers claim to be of an image that the build does not know',
      'image',
      () =>
        rewritten('image', ({ document }) => {
          for (const layer of document.layers) Object.assign(layer, { blob: undefined })
        }),
    ],
  ])('%s', async (_what, name, cache) => {
    const path = await cache()
    const layers = async () => (await readdir(join(root, 'layers'))).filter((entry) => !entry.startsWith('.')).length
    const before = await layers()
    const options = { dockerfileText: textOf(name), cacheFrom: { type: 'local', path } } as const
    const { image, begun, warnings } = await buildAndListen(there, options)
    expect(await outputOf(image, '/copy')).toBe(`${name}\n`)
    expect(begun).not.toEqual([])
    expect(warnings).not.toEqual([])
    for (const warning of warnings) expect(warning).toContain(`CacheImport: the cache ${path} is of no use: `)
    // Whatever was wrong with it, both are what the commands made.
    expect((await layers()) - before).toBeLessThanOrEqual(2)
    expect((await readdir(join(root, 'tmp'))).filter((entry) => !entry.endsWith('.lock'))).toEqual([])
    const diffIds = image.layers.map(({ diffId }) => diffId.slice('sha256:'.length))
    expect(await readdir(join(root, 'layers'))).toEqual(expect.arrayContaining(diffIds))
  })

  test('that nobody answers for, or whose registry is broken', async () => {
    const [nobody, reference] = ['127.0.0.1:1/cache:1', `${broken.host}/cache:1`]
    const caches = { cacheFrom: [nobody, reference], cacheTo: { type: 'registry', reference: nobody } } as const
    const { image, warnings } = await buildAndListen(there, { dockerfileText: textOf('alone'), ...caches })
    expect(await outputOf(image, '/copy')).toBe('alone\n')
    expect(warnings.map((warning) => warning.split(':')[0])).toEqual(['CacheImport', 'CacheImport', 'CacheExport'])
  })

  test('into whose directory nothing can be written', async () => {
    const cacheTo = { type: 'local', path: join(host.directory, 'rootfs') } as const
    const { warnings } = await buildAndListen(there, { dockerfileText: textOf('written'), cacheTo })
    expect(warnings).toEqual([expect.stringMatching(/^CacheExport: .*other things in it/)])
  })
})

describe('a cache that says what is not so', () => {
  test('is believed by builds that name it, and by no others', async () => {
    const keys: Digest[] = []
    await rewritten('right', ({ document }) => keys.push(...document.records.map(({ key }) => key)))
    // What another command made, under the key of our first one.
    const path = await rewritten('evil', ({ document }) => {
      Object.assign(document.records[0] ?? {}, { key: keys[0] })
    })
    const dockerfileText = textOf('right')
    const misled = await buildAndListen(there, { dockerfileText, cacheFrom: { type: 'local', path } })
    expect(await outputOf(misled.image, '/copy')).toBe('evil\n')
    const { image, begun } = await buildAndListen(there, { dockerfileText })
    expect(begun).toHaveLength(2)
    expect(await outputOf(image, '/copy')).toBe('right\n')
  })

  test('does not bring content of the store into an image', async () => {
    const secret = await Image.build({ engine: there, dockerfileText: 'FROM base:1\nRUN echo hush > /secret\n' })
    const diffId = secret.layers.at(-1)?.diffId as Digest
    const path = await rewritten('leak', ({ document }) => {
      document.layers.splice(0, document.layers.length, { diffId, createdAt: '2026-01-02T03:04:05Z' })
      for (const record of document.records) Object.assign(record, { layers: [0] })
    })
    const options = { dockerfileText: textOf('leak'), cacheFrom: { type: 'local', path } } as const
    const { image, warnings } = await buildAndListen(there, options)
    expect(image.layers.map((layer) => layer.diffId)).not.toContain(diffId)
    expect(warnings).not.toEqual([])
  })
})
