// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type BuildOptions, Container, Engine, Image } from '../../../src/index.js'
import { testNeeding } from '../../support/needs.js'
import { emptyAndClose, scratchBase, useTestEngine } from '../../support/test-engine.js'
import { makeRootfs, run } from '../image/rootfs.js'

const host = useTestEngine()
const box = '/bin/busybox'
const epoch = 1_000_000_000

// In a store that has seen nothing yet; with overlays, or with copies where the kernel has none.
async function inNewStore<T>(use: (engine: Engine) => Promise<T>, copies = false): Promise<T> {
  if (copies) process.env.TSCONTAINER_SNAPSHOTTER = 'copy'
  const directory = await mkdtemp(join(scratchBase(), 'tsc-'))
  const engine = await Engine.open({ root: join(directory, 'root'), runRoot: join(directory, 'run') })
  try {
    return await use(engine)
  } finally {
    await emptyAndClose(engine, join(directory, 'run'))
    await rm(directory, { recursive: true, force: true })
    if (copies) delete process.env.TSCONTAINER_SNAPSHOTTER
  }
}

const build = (engine: Engine, dockerfileText: string, options: BuildOptions = {}) =>
  Image.build({ engine, dockerfileText, args: { SOURCE_DATE_EPOCH: String(epoch) }, ...options })

testNeeding('subordinate ids')(
  'of the same files, whoever builds it wherever, to the digest that is known',
  async () => {
    const text = `FROM scratch
LABEL who=anybody
COPY --chown=1000:2000 a /data/a
COPY --chmod=4755 sub /sub
WORKDIR /work
USER 1000
CMD ["/data/a"]
`
    const options: BuildOptions = { context: { a: 'a\n', 'sub/b': 'b\n' }, platform: 'linux/s390x' }
    const image = await build(host.engine, text, options)
    expect(image.createdAt).toEqual(new Date(epoch * 1000))
    expect(new Set((await image.history()).map(({ created }) => created))).toEqual(new Set(['2001-09-09T01:46:40Z']))
    // Root and the ordinary users of the test runs come to this one: it is over the config, which has the digests of what is in the layers.
    expect(image.id).toBe('sha256:d72c7bc506cf88bad6918b293971429a76c32e4c7a47cbbc2d44388814a631fb')
  },
)

const commands = `FROM base:1
RUN echo x > /x && ${box} mkdir /d && ${box} ln /x /d/y && ${box} rm /etc/greeting
COPY files /files
`

// The base has times of its own, which are the same everywhere; the context's files are as new as can be.
async function buildWithCommands(engine: Engine, options: BuildOptions) {
  const at = await mkdtemp(join(host.directory, 'rewrite-'))
  const rootfs = await makeRootfs(join(at, 'rootfs'))
  const tar = join(at, 'rootfs.tar')
  await run(
    'tar',
    '--sort=name',
    '--numeric-owner',
    '--owner=0',
    '--group=0',
    '--mtime=@1234567890',
    '-C',
    rootfs,
    '-cf',
    tar,
    '.',
  )
  await mkdir(join(at, 'context/files'), { recursive: true })
  await writeFile(join(at, 'context/files/new'), 'new\n')
  await writeFile(join(at, 'context/files/old'), 'old\n')
  await utimes(join(at, 'context/files/old'), 5, 5)
  await Image.import(tar, { engine, tag: 'base:1' })
  const output = { type: 'tar', path: join(at, 'out.tar') } as const
  const image = await build(engine, commands, { context: join(at, 'context'), output, ...options })
  return { image, at }
}

test('of commands too, where their times are rewritten, with overlays and without', async () => {
  const digests = new Set<string>()
  for (const copies of [false, true]) {
    await inNewStore(async (engine) => {
      const { image } = await buildWithCommands(engine, { rewriteTimestamp: true })
      // The base was imported at another time, which its history says.
      for (const { digest } of image.layers) digests.add(digest)
      const seen = await Container.runOnce(
        image,
        [box, 'stat', '-c', '%Y', '/x', '/d/y', '/files/old', '/etc', '/bin'],
        {
          engine,
          network: 'none',
        },
      )
      expect(seen.stdout.trim().split('\n').map(Number)).toEqual([epoch, epoch, 5, epoch, 1_234_567_890])
    }, copies)
  }
  expect(digests.size).toBe(3)
})

test('an exported tree has no times after it', async () => {
  await inNewStore(async (engine) => {
    const { at } = await buildWithCommands(engine, {})
    const listed = await run('tar', '--utc', '--full-time', '-tvf', join(at, 'out.tar'))
    const times = listed
      .trim()
      .split('\n')
      .map((line) => line.split(/\s+/).slice(3, 5).join(' '))
    expect(times.filter((time) => time > '2001-09-09 01:46:40')).toEqual([])
  })
})

test('without a time to rewrite to nothing is built', async () => {
  const failing = Image.build({ engine: host.engine, dockerfileText: 'FROM scratch\n', rewriteTimestamp: true })
  await expect(failing).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option: 'rewriteTimestamp' })
})
