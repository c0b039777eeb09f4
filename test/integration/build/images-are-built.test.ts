// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type BuildOptions, type BuildProgress, Container, Image } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'
import { makeRootfs, makeTar } from '../image/rootfs.js'

const host = useTestEngine()

beforeAll(async () => {
  const rootfs = await makeRootfs(join(host.directory, 'rootfs'))
  await Image.import(await makeTar(rootfs, join(host.directory, 'rootfs.tar')), { engine: host.engine, tag: 'base:1' })
})

const box = '/bin/busybox'
const build = (dockerfileText: string, options: BuildOptions = {}) =>
  Image.build({ engine: host.engine, dockerfileText, ...options })
const told = async (dockerfileText: string, options: BuildOptions = {}) => {
  const events: BuildProgress[] = []
  const image = await build(dockerfileText, { ...options, onProgress: (event) => void events.push(event) })
  return { image, types: events.map(({ type }) => type) }
}
const outputOf = async (image: Image, ...argv: readonly string[]) =>
  (await Container.runOnce(image, argv, { engine: host.engine, network: 'none' })).stdout

describe('an image', () => {
  const stages = `FROM base:1 AS made
COPY . /src/
RUN ${box} cat /src/a /src/sub/b > /made
FROM base:1
COPY --from=made /made /result
ENV WHO=me
CMD ["${box}", "cat", "/result"]
`
  const context = { a: 'one\n', 'sub/b': 'two\n' }

  test('is made of stages, with its config and names', async () => {
    const image = await build(stages, { context, tags: ['built:1', 'built:latest'] })
    expect(await outputOf(image, box, 'cat', '/result')).toBe('one\ntwo\n')
    expect(image.config).toMatchObject({ cmd: [box, 'cat', '/result'], env: expect.arrayContaining(['WHO=me']) })
    expect((await Image.get('built:latest', { engine: host.engine })).id).toBe(image.id)
  })

  test('comes out the same again, without anything being done', async () => {
    const first = await build(stages, { context })
    const { image, types } = await told(stages, { context })
    expect(image.id).toBe(first.id)
    expect(types).toEqual(['graph', 'cached', 'image'])
  })

  test('is done again from where a file changed, and only there', async () => {
    await build(stages, { context })
    const { image, types } = await told(stages, { context: { ...context, 'sub/b': 'three\n' } })
    expect(await outputOf(image, box, 'cat', '/result')).toBe('one\nthree\n')
    expect(types.filter((type) => type === 'failed')).toEqual([])
    // Of the first stage the copy and the command, of the second the copy; images are there.
    expect(types.filter((type) => type === 'done').length).toBeGreaterThanOrEqual(3)
  })

  test('has all that a command changed, and nothing of what was mounted', async () => {
    const image = await build(
      `FROM base:1
RUN --mount=type=secret,id=token --mount=type=tmpfs,target=/scratch --mount=type=cache,target=/cached \\
  ${box} cat /run/secrets/token > /dev/null && echo x > /scratch/x && echo y > /cached/y && echo z > /z && ${box} rm /etc/greeting
`,
      { secrets: { token: 'hush' } },
    )
    const there = await outputOf(image, 'sh', '-c', `${box} find /scratch /cached /run /z /etc 2>/dev/null; true`)
    expect(there.split('\n')).toEqual(
      expect.not.arrayContaining(['/scratch/x', '/cached/y', '/run/secrets/token', '/etc/greeting']),
    )
    expect(await outputOf(image, box, 'cat', '/z')).toBe('z\n')
    expect(JSON.stringify([image.config, await image.history()])).not.toContain('hush')
  })

  test('knows the hosts that it was told of while it is built, and not afterwards', async () => {
    const text = `FROM base:1\nRUN ${box} grep repo.internal /etc/hosts > /seen\n`
    const image = await build(text, { addHosts: { 'repo.internal': '10.1.2.3' } })
    expect(await outputOf(image, box, 'cat', '/seen')).toBe('10.1.2.3\trepo.internal\n')
    const other = await build(text, { addHosts: { 'repo.internal': '10.1.2.4' } })
    expect(await outputOf(other, 'sh', '-c', `${box} cat /seen; ${box} cat /etc/hosts`)).toMatch(
      /^10\.1\.2\.4\trepo\.internal\n((?!repo)[\s\S])*$/,
    )
  })

  test('keeps what a command left in a cache for the next one', async () => {
    const line = (text: string) =>
      `FROM base:1\nRUN --mount=type=cache,id=c,target=/c echo ${text} >> /c/log; ${box} cp /c/log /log\n`
    await build(line('one'))
    expect(await outputOf(await build(line('two')), box, 'cat', '/log')).toBe('one\ntwo\n')
  })
})

describe('a context', () => {
  test('is a directory, whose ignored files are not there', async () => {
    const context = join(host.directory, 'context')
    await mkdir(join(context, 'kept'), { recursive: true })
    for (const name of ['kept/a', 'left']) await writeFile(join(context, name), name)
    await writeFile(join(context, '.dockerignore'), 'left\nDockerfile\n.dockerignore\n')
    await writeFile(join(context, 'Dockerfile'), 'FROM base:1\nCOPY . /all\n')
    const image = await Image.build({ engine: host.engine, context })
    expect(await outputOf(image, box, 'find', '/all')).toBe('/all\n/all/kept\n/all/kept/a\n')
  })

  test('is read without following a link out of it', async () => {
    const context = join(host.directory, 'links')
    await mkdir(context)
    await writeFile(join(host.directory, 'outside'), 'FROM base:1\n')
    await (await import('node:fs/promises')).symlink('../outside', join(context, 'Dockerfile'))
    await expect(Image.build({ engine: host.engine, context })).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' })
  })
})

describe('a failure', () => {
  test('of a command says where, how, and what it said last', async () => {
    const failing = build(`FROM base:1\nRUN echo before; echo oops >&2; exit 3\n`)
    await expect(failing).rejects.toMatchObject({
      code: 'ERR_BUILD_FAILED',
      message: expect.stringMatching(/^Dockerfile:2: .*ended with 3[\s\S]*oops/),
    })
    expect(await failing.report()).toMatchObject({ outcome: 'failed', steps: [{ state: 'done' }, { state: 'failed' }] })
  })

  test('leaves nothing behind but what was done', async () => {
    await build('FROM base:1\nRUN exit 1\n').catch(() => {})
    expect(await Container.list({ engine: host.engine, all: true })).toEqual([])
    expect((await readdir(join(host.root, 'tmp'))).filter((name) => !name.endsWith('.lock'))).toEqual([])
  })

  test.each<[string, string, BuildOptions, string]>([
    ['a misspelt instruction', 'FROM base:1\nCOPPY a b\n', {}, 'ERR_DOCKERFILE'],
    ['a file that is not there', 'FROM base:1\nCOPY nothing /\n', { context: {} }, 'ERR_FILE_NOT_FOUND'],
    ['a stage that is not there', 'FROM base:1 AS one\n', { target: 'tow' }, 'ERR_INVALID_ARGUMENT'],
    ['an image that is not there', 'FROM 127.0.0.1:1/none:1\n', {}, 'ERR_REGISTRY_UNREACHABLE'],
    [
      'a secret that is not given',
      'FROM base:1\nRUN --mount=type=secret,id=s,required=true true\n',
      {},
      'ERR_INVALID_ARGUMENT',
    ],
    ['a program that is not there', 'FROM base:1\nRUN ["/no/such"]\n', {}, 'ERR_START_FAILED'],
    ['an unknown option', 'FROM base:1\n', { cacheAt: 'x' } as BuildOptions, 'ERR_INVALID_ARGUMENT'],
  ])('is told by its code: %s', async (_what, text, options, code) => {
    await expect(build(text, options)).rejects.toMatchObject({ code })
  })

  test('of an abort is its reason, and the command is gone', async () => {
    const controller = new AbortController()
    const building = build(`FROM base:1\nRUN ${box} sleep 100\n`, {
      signal: controller.signal,
      onProgress: ({ type }) => {
        if (type === 'started') setTimeout(() => controller.abort(new Error('enough')), 200)
      },
    })
    await expect(building).rejects.toThrow('enough')
    expect(await Container.list({ engine: host.engine, all: true })).toEqual([])
  })
})

test('a prune takes what builds have kept where it is asked to', async () => {
  const text = `FROM base:1\nRUN echo once > /once\n`
  await (await build(text)).remove()
  await Image.prune({ engine: host.engine })
  expect((await told(text)).types).toEqual(['graph', 'cached', 'image'])
  await (await build(text)).remove()
  await Image.prune({ engine: host.engine, builds: true })
  expect((await told(text)).types).toContain('done')
})

describe('builds at once', () => {
  test('of the same do everything once', async () => {
    const text = `FROM base:1\nRUN ${box} sleep 0.2; ${box} cat /proc/sys/kernel/random/uuid > /id\n`
    const images = await Promise.all(Array.from({ length: 5 }, () => build(text)))
    expect(new Set(images.map(({ id }) => id)).size).toBe(1)
  })

  test('stages that do not need each other overlap', async () => {
    // Each waits for the other: one after the other they would never end.
    const meeting = '--mount=type=cache,id=meeting,target=/meeting'
    const stage = (name: string, other: string) =>
      `FROM base:1 AS ${name}\nRUN ${meeting} echo > /meeting/${name}; until [ -e /meeting/${other} ]; do ${box} sleep 0.1; done; echo ${name} > /${name}\n`
    const text = `${stage('x', 'y')}${stage('y', 'x')}FROM base:1\nCOPY --from=x /x /\nCOPY --from=y /y /\n`
    await build(text, { parallel: 2 })
  })
})
