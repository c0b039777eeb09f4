// SPDX-License-Identifier: Apache-2.0
import { cp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CacheDocument } from '../../../src/build/cache/cache-document.js'
import { Container, Image } from '../../../src/index.js'
import { type Digest, digestOf } from '../../../src/oci/digest.js'
import { buildAndListen, elsewhere } from '../../integration/build/elsewhere.js'
import { makeRootfs, makeTar } from '../../integration/image/rootfs.js'
import { type FakeRegistry, startFakeRegistry } from '../../support/registry/fake-registry.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const box = '/bin/busybox'
const good = () => join(host.directory, 'good')
let silent: FakeRegistry

const dockerfileText = `FROM base:1\nRUN echo right > /made\nRUN ${box} cat /made > /copy\n`
const outputOf = async (image: Image, path: string, engine = host.engine) =>
  (await Container.runOnce(image, [box, 'cat', path], { engine, network: 'none' })).stdout

const tar = () => join(host.directory, 'rootfs.tar')
const importBase = async (engine = host.engine) => await Image.import(tar(), { engine, tag: 'base:1' })

beforeAll(async () => {
  await makeTar(await makeRootfs(join(host.directory, 'rootfs')), tar())
  await importBase()
  await buildAndListen(host.engine, { dockerfileText, cacheTo: { type: 'local', path: good() } })
  silent = await startFakeRegistry((_request, answer) => answer.writeHead(500).end())
})
afterAll(() => silent?.stop())

interface Rewriting {
  readonly document: { -readonly [K in keyof CacheDocument]: CacheDocument[K][number][] }
  readonly layers: { digest: string; size: number; mediaType: string }[]
}

/** The cache in a place of its own, with another document and manifest, whose digests are right. */
const rewritten = async (name: string, change: (cache: Rewriting) => void, from = good()): Promise<string> => {
  const path = join(host.directory, `bad-${name}`)
  await cp(from, path, { recursive: true })
  const blob = (digest: string) => join(path, 'blobs', digest.replace(':', '/'))
  const read = async (digest: string) => JSON.parse(await readFile(blob(digest), 'utf8'))
  const write = async (value: unknown) => {
    const bytes = Buffer.from(JSON.stringify(value))
    await writeFile(blob(digestOf(bytes)), bytes)
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

/** The cache with its files changed. */
const damaged = async (name: string, change: (path: string, layer: string) => Promise<unknown>): Promise<string> => {
  const layers: string[] = []
  const path = await rewritten(name, (cache) => layers.push(...cache.layers.map(({ digest }) => digest)))
  await change(path, join(path, 'blobs', (layers.at(-1) as string).replace(':', '/')))
  return path
}

describe('a cache costs a warning, and leaves nothing in the store', () => {
  test.each<readonly [string, () => Promise<string>]>([
    ['whose layer has other bytes', () => damaged('bytes', (_, layer) => writeFile(layer, 'x'.repeat(200)))],
    ['whose layer is cut short', () => damaged('short', (_, layer) => truncate(layer, 20))],
    ['whose layer is gone', () => damaged('gone', (_, layer) => rm(layer))],
    [
      'whose layer is a link to the host',
      () => damaged('link', (_, layer) => rm(layer).then(() => symlink('/etc/hostname', layer))),
    ],
    ['whose index is cut short', () => damaged('index', (path) => truncate(join(path, 'index.json'), 20))],
    ['that is not there', async () => join(host.directory, 'nowhere')],
    ['that is another kind of directory', async () => join(host.directory, 'rootfs')],
    [
      'whose layer is not what it is said to be',
      () => rewritten('swapped', ({ layers }) => void layers.splice(0, 2, ...layers.slice(0, 2).reverse())),
    ],
    [
      'whose layer is no archive',
      () =>
        rewritten('nothing', ({ document, layers }) => {
          const config = JSON.stringify(document)
          for (const layer of layers) Object.assign(layer, { digest: digestOf(config), size: config.length })
        }),
    ],
    [
      'whose layer claims to be of an image that the build does not know',
      () =>
        rewritten('image', ({ document }) => {
          for (const layer of document.layers) Object.assign(layer, { blob: undefined })
        }),
    ],
  ])('%s', async (_what, cache) => {
    const path = await cache()
    await elsewhere(host.directory, async (engine, root) => {
      await importBase(engine)
      const before = (await readdir(join(root, 'layers'))).length
      const options = { dockerfileText, cacheFrom: { type: 'local', path } } as const
      const { image, begun, warnings } = await buildAndListen(engine, options)
      expect(await outputOf(image, '/copy', engine)).toBe('right\n')
      expect(begun).not.toEqual([])
      expect(warnings).not.toEqual([])
      expect(warnings.every((warning) => warning.startsWith(`CacheImport: the cache ${path} is of no use: `))).toBe(
        true,
      )
      expect(await readdir(join(root, 'layers'))).toHaveLength(before + 2)
      expect((await readdir(join(root, 'tmp'))).filter((name) => !name.endsWith('.lock'))).toEqual([])
    })
  })

  test.each([
    ['that nobody answers for', () => '127.0.0.1:1'],
    ['whose registry is broken', () => silent.host],
  ])(
    '%s',
    async (_what, at) => {
      const text = `FROM base:1\nRUN echo ${at()} > /made\n`
      const reference = `${at()}/cache:1`
      const cacheTo = { type: 'registry', reference } as const
      const { image, warnings } = await buildAndListen(host.engine, {
        dockerfileText: text,
        cacheFrom: reference,
        cacheTo,
      })
      expect(await outputOf(image, '/made')).toBe(`${at()}\n`)
      expect(warnings.map((warning) => warning.split(':')[0])).toEqual(['CacheImport', 'CacheExport'])
    },
    60_000,
  )

  test('into whose directory nothing can be written', async () => {
    const cacheTo = { type: 'local', path: join(host.directory, 'rootfs') } as const
    const { warnings } = await buildAndListen(host.engine, { dockerfileText, cacheTo })
    expect(warnings).toEqual([expect.stringMatching(/^CacheExport: .*other things in it/)])
  })
})

describe('a cache that says what is not so', () => {
  test('is believed by builds that name it, and by no others', async () => {
    const theirs = join(host.directory, 'evil')
    const evilText = 'FROM base:1\nRUN echo evil > /made\n'
    await buildAndListen(host.engine, { dockerfileText: evilText, cacheTo: { type: 'local', path: theirs } })
    const keys: Digest[] = []
    await rewritten('keys', ({ document }) => keys.push(...document.records.map(({ key }) => key)))
    // Their layer under the key of our first command.
    const mislead = ({ document }: Rewriting) => void Object.assign(document.records[0] ?? {}, { key: keys[0] })
    const evil = await rewritten('evil', mislead, theirs)
    await elsewhere(host.directory, async (engine) => {
      await importBase(engine)
      const cacheFrom = { type: 'local', path: evil } as const
      const misled = await buildAndListen(engine, { dockerfileText, cacheFrom })
      expect(await outputOf(misled.image, '/copy', engine)).toBe('evil\n')
      const { image, begun } = await buildAndListen(engine, { dockerfileText })
      expect(begun).toHaveLength(2)
      expect(await outputOf(image, '/copy', engine)).toBe('right\n')
    })
  })

  test('does not bring content of the store into an image', async () => {
    const secret = await Image.build({ engine: host.engine, dockerfileText: 'FROM base:1\nRUN echo hush > /secret\n' })
    const diffId = secret.layers.at(-1)?.diffId
    const path = await rewritten('leak', ({ document }) => {
      document.layers.splice(0, document.layers.length, { diffId: diffId as never, createdAt: '2026-01-02T03:04:05Z' })
      document.records.splice(
        0,
        document.records.length,
        ...document.records.map((record) => ({ ...record, layers: [0] })),
      )
    })
    await Image.prune({ engine: host.engine, builds: true })
    const { image, warnings } = await buildAndListen(host.engine, {
      dockerfileText,
      cacheFrom: { type: 'local', path },
    })
    expect(image.layers.map((layer) => layer.diffId)).not.toContain(diffId)
    expect(warnings).not.toEqual([])
  })
})
