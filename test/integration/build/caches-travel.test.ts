// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type BuildCacheFrom, type BuildCacheTo, Container, Image } from '../../../src/index.js'
import { type DockerRegistry, startDockerRegistry } from '../../support/registry/docker-registry.js'
import { type FakeRegistry, startFakeRegistry } from '../../support/registry/fake-registry.js'
import { useTestEngine } from '../../support/test-engine.js'
import { makeRootfs, makeTar, run } from '../image/rootfs.js'
import { buildAndListen, elsewhere } from './elsewhere.js'

const host = useTestEngine()
const box = '/bin/busybox'
let registry: DockerRegistry
let counted: FakeRegistry
let base = ''

beforeAll(async () => {
  registry = await startDockerRegistry(join(host.directory, 'registry'))
  // What goes to the registry goes by here.
  counted = await startFakeRegistry((request, answer) => {
    const { method, url, headers } = request
    const passed = httpRequest({ port: registry.port, method, path: url, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 500, response.headers)
      response.pipe(answer)
    })
    request.pipe(passed)
  })
  base = `${counted.host}/base:1`
  const rootfs = await makeRootfs(join(host.directory, 'rootfs'))
  const tar = await makeTar(rootfs, join(host.directory, 'rootfs.tar'))
  await (await Image.import(tar, { engine: host.engine, tag: base })).push()
})
beforeEach(() => {
  counted.seen.length = 0
})
afterAll(async () => {
  await counted?.stop()
  await registry?.stop()
})

const context = { a: 'one\n', 'sub/b': 'two\n' }
const stages = (last = `${box} cat /result > /copy`) => `FROM ${base} AS made
COPY . /src/
RUN ${box} cat /src/a /src/sub/b > /made
FROM ${base}
RUN ${box} echo first > /first; true
COPY --from=made /made /result
RUN ${last}
`
const copyOf = async (image: Image, engine = host.engine) =>
  (await Container.runOnce(image, [box, 'cat', '/copy'], { engine, network: 'none' })).stdout

interface Place {
  readonly to: (mode?: 'min' | 'max') => BuildCacheTo
  readonly from: () => BuildCacheFrom
}
const directoryOf = (name: string) => join(host.directory, name)
const places: Readonly<Record<string, Place>> = {
  'a directory': {
    to: (mode) => ({ type: 'local', path: directoryOf('cache/local'), mode }),
    from: () => ({ type: 'local', path: directoryOf('cache/local') }),
  },
  'a registry': {
    to: (mode) => ({ type: 'registry', reference: `${counted.host}/cache:1`, mode }),
    from: () => ({ type: 'registry', reference: `${counted.host}/cache:1` }),
  },
  'the image': { to: () => ({ type: 'inline' }), from: () => `${counted.host}/built:1` },
}

describe.each(Object.entries(places))('a cache in %s', (_where, { to, from }) => {
  const build = async (cacheTo = to()) => {
    const options = { dockerfileText: stages(), context, cacheTo, tags: [`${counted.host}/built:1`] }
    const built = await buildAndListen(host.engine, options)
    await built.image.push()
    return built
  }

  test('has another machine build the same image without doing anything, and miss only from a step that changed', async () => {
    const { image, warnings } = await build()
    expect(warnings).toEqual([])
    await elsewhere(host.directory, async (engine) => {
      const options = { dockerfileText: stages(), context, cacheFrom: from(), cacheTo: to() }
      const there = await buildAndListen(engine, options)
      expect(there).toMatchObject({ begun: [], warnings: [] })
      expect(there.image.layers).toEqual(image.layers)
      expect(there.image.id).toBe(image.id)
      expect(await copyOf(there.image, engine)).toBe('one\ntwo\n')
      const last = `${box} sort -r /result > /copy`
      const changed = { dockerfileText: stages(last), context, cacheFrom: from() }
      const again = await buildAndListen(engine, changed)
      expect(again.begun).toEqual([`RUN ${last}`])
      expect(await copyOf(again.image, engine)).toBe('two\none\n')
      // What rests on it is found again with it; without it everything is done.
      expect((await buildAndListen(engine, changed)).begun).toEqual([])
      expect((await buildAndListen(engine, { ...changed, cacheFrom: undefined })).begun).toHaveLength(5)
    })
  })
})

describe('a cache', () => {
  test('of all stages has those that the image is not made of, and keeps what a build did not need', async () => {
    const at = { type: 'local', path: directoryOf('cache/max') } as const
    const cacheTo = { ...at, mode: 'max' } as const
    await buildAndListen(host.engine, { dockerfileText: stages(), context, cacheTo })
    const before = (await readdir(join(at.path, 'blobs/sha256'))).sort()
    await elsewhere(host.directory, async (engine, root) => {
      await buildAndListen(engine, { dockerfileText: stages(), context, cacheFrom: at, cacheTo })
      expect((await readdir(join(at.path, 'blobs/sha256'))).sort()).toEqual(before)
      // Those of the other stage were never fetched: three of this one are there, and the base.
      expect((await readdir(join(root, 'layers'))).filter((name) => !name.startsWith('.'))).toHaveLength(4)
      const dockerfileText = `${stages()}FROM made\nRUN ${box} echo more >> /made\n`
      const { begun } = await buildAndListen(engine, { dockerfileText, context, cacheFrom: at })
      expect(begun).toEqual([`RUN ${box} echo more >> /made`])
    })
  })

  test('in a directory is what other tools copy, and does not grow for ever', async () => {
    const path = directoryOf('cache/copied')
    const cacheTo = { type: 'local', path } as const
    await buildAndListen(host.engine, { dockerfileText: stages(), context, cacheTo })
    const names = async () => await readdir(join(path, 'blobs/sha256'))
    const before = await names()
    const changed = { ...context, a: 'another\n' }
    await buildAndListen(host.engine, { dockerfileText: stages(), context: changed, cacheTo })
    expect(await names()).toHaveLength(before.length)
    const reference = `${counted.host}/copied:1`
    await run('skopeo', 'copy', '-q', '--dest-tls-verify=false', `oci:${path}:buildcache`, `docker://${reference}`)
    await elsewhere(host.directory, async (engine) => {
      const options = { dockerfileText: stages(), context: changed, cacheFrom: reference }
      expect(await buildAndListen(engine, options)).toMatchObject({ begun: [], warnings: [] })
    })
  })

  test('on a registry is sent what it has not, and nothing else', async () => {
    const cacheTo = { type: 'registry', reference: `${counted.host}/sent:1`, mode: 'max' } as const
    // Some are taken over from the repositories of images.
    const uploads = () => counted.seen.filter(({ method, url }) => method === 'PUT' && url.includes('/blobs/')).length
    await buildAndListen(host.engine, { dockerfileText: stages(), context, cacheTo })
    expect(uploads()).toBeGreaterThan(1)
    counted.seen.length = 0
    await buildAndListen(host.engine, { dockerfileText: stages(), context, cacheTo })
    expect(uploads()).toBe(0)
    await buildAndListen(host.engine, { dockerfileText: stages('true'), context, cacheTo })
    // The config of the cache; the step that changed made no layer.
    expect(uploads()).toBe(1)
  })
})

describe('a build of which nothing changed', () => {
  test('asks nobody, whatever caches it names', async () => {
    const { from, to } = places['a registry'] as Place
    const options = { dockerfileText: stages(), context, cacheFrom: from() }
    await buildAndListen(host.engine, { ...options, cacheTo: to() })
    counted.seen.length = 0
    expect((await buildAndListen(host.engine, options)).begun).toEqual([])
    expect(counted.seen).toEqual([])
  })

  test('asks for each base image with pull, and does nothing while that is the same', async () => {
    const dockerfileText = `FROM ${counted.host}/moving:1\nRUN ${box} cat /etc/greeting > /copy\n`
    const first = await Image.get(base, { engine: host.engine })
    await first.push(`${counted.host}/moving:1`)
    await buildAndListen(host.engine, { dockerfileText, pull: true })
    counted.seen.length = 0
    expect((await buildAndListen(host.engine, { dockerfileText, pull: true })).begun).toEqual([])
    expect(counted.seen.map(({ method, url }) => `${method} ${url}`)).toEqual(['HEAD /v2/moving/manifests/1'])
    const hello = `FROM ${base}\nRUN echo changed > /etc/greeting\n`
    await (await Image.build({ engine: host.engine, dockerfileText: hello })).push(`${counted.host}/moving:1`)
    expect(await copyOf((await buildAndListen(host.engine, { dockerfileText })).image)).toMatch(/^hello/)
    expect(await copyOf((await buildAndListen(host.engine, { dockerfileText, pull: true })).image)).toBe('changed\n')
  })
})

describe('noCache', () => {
  test('does every step again, whatever records and caches have, and records what it did', async () => {
    const { from, to } = places['a directory'] as Place
    const options = { dockerfileText: stages(), context, cacheFrom: from() }
    await buildAndListen(host.engine, { ...options, cacheTo: to('max') })
    expect((await buildAndListen(host.engine, { ...options, noCache: true })).begun).toHaveLength(5)
    expect((await buildAndListen(host.engine, options)).begun).toEqual([])
  })

  test('with the name of a stage does that one again, and what its result changes', async () => {
    const options = { dockerfileText: stages(), context }
    await buildAndListen(host.engine, options)
    const { begun } = await buildAndListen(host.engine, { ...options, noCache: ['MADE'] })
    expect(begun).toEqual(['COPY . /src/', `RUN ${box} cat /src/a /src/sub/b > /made`])
  })
})

test('an inline cache is a member of the config, and its absence leaves the config as it was', async () => {
  const options = { dockerfileText: stages(), context }
  const [plain, inline] = [
    await buildAndListen(host.engine, options),
    await buildAndListen(host.engine, { ...options, cacheTo: { type: 'inline' } }),
  ]
  const configOf = async ({ image }: typeof plain) =>
    JSON.parse(await readFile(join(host.root, 'blobs', image.id.replace(':', '/')), 'utf8'))
  const { 'dev.tscontainer.buildcache.v1': cache, ...rest } = await configOf(inline)
  expect(cache).toMatchObject({ version: 1 })
  expect(rest).toEqual(await configOf(plain))
})
