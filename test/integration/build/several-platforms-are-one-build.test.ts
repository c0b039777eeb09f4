// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type BuildOptions, type BuildProgress, Container, Image } from '../../../src/index.js'
import { formatPlatform, hostPlatform } from '../../../src/oci/platform.js'
import { testNeeding } from '../../support/needs.js'
import { startDockerRegistry } from '../../support/registry/docker-registry.js'
import { useTestEngine } from '../../support/test-engine.js'
import { makeRootfs, makeTar, run } from '../image/rootfs.js'

const host = useTestEngine()
const box = '/bin/busybox'
const own = formatPlatform(hostPlatform())
// No processor of which there were an emulator.
const foreign = 'linux/mips64'
const platform = [own, foreign]

beforeAll(async () => {
  const rootfs = await makeRootfs(join(host.directory, 'rootfs'))
  await Image.import(await makeTar(rootfs, join(host.directory, 'rootfs.tar')), { engine: host.engine, tag: 'base:1' })
})

const build = (dockerfileText: string, options: BuildOptions = {}) =>
  Image.build({ engine: host.engine, dockerfileText, ...options })
const told = async (dockerfileText: string, options: BuildOptions = {}) => {
  const events: BuildProgress[] = []
  const image = await build(dockerfileText, { ...options, onProgress: (event) => void events.push(event) })
  const steps = events.flatMap((event) => (event.type === 'done' ? [event.step.name] : []))
  return { image, events, steps }
}
const raw = async (name: string) =>
  JSON.parse(await run('skopeo', 'inspect', '--raw', `oci:${host.root}:docker.io/library/${name}`))
const text = (directory: string, name: string, path: string) =>
  readFile(join(host.directory, directory, name.replaceAll('/', '_'), path), 'utf8')

// Programs are made here for whatever they are to run on.
const crossCompiled = `FROM --platform=$BUILDPLATFORM base:1 AS tools
RUN ${box} cat /proc/sys/kernel/random/uuid > /id
FROM --platform=$BUILDPLATFORM tools AS made
ARG TARGETPLATFORM TARGETARCH BUILDPLATFORM
RUN echo $TARGETPLATFORM on $BUILDPLATFORM > /program && ${box} chmod 755 /program
FROM scratch
ARG TARGETARCH
ENV ARCH=$TARGETARCH
COPY same /same
COPY --from=made /program /id /
`
const context = { same: 'same\n' }

describe('a build for several platforms', () => {
  test('has one index, which skopeo reads, with what is common made once', async () => {
    const output = { type: 'directory', path: join(host.directory, 'out') } as const
    const { image, steps } = await told(crossCompiled, { context, platform, tags: ['cross:1'], output })
    expect(formatPlatform(image.platform)).toBe(own)
    expect(image.tags).toEqual(['cross:1'])
    for (const name of platform) expect(await text('out', name, 'program')).toBe(`${name} on ${own}\n`)
    expect(await text('out', own, 'id')).toBe(await text('out', foreign, 'id'))
    // Of both: the tools and the file of the context; of each: its program and the copy of that.
    expect(steps.filter((name) => /^\[(tools|stage-2) \d\/\d\] (RUN|COPY)/.test(name))).toHaveLength(2)
    expect(steps.filter((name) => name.startsWith(`[${foreign} `))).toHaveLength(2)
    const { mediaType, manifests } = await raw('cross:1')
    expect(mediaType).toBe('application/vnd.oci.image.index.v1+json')
    const described = manifests.map((entry: { platform: { os: string; architecture: string } }) => entry.platform)
    expect(described).toEqual([
      { architecture: hostPlatform().architecture, os: 'linux' },
      { architecture: 'mips64', os: 'linux' },
    ])
    const inspected = await run(
      'skopeo',
      'inspect',
      '--config',
      '--override-arch',
      'mips64',
      `oci:${host.root}:docker.io/library/cross:1`,
    )
    expect(JSON.parse(inspected)).toMatchObject({
      architecture: 'mips64',
      config: { Env: expect.arrayContaining(['ARCH=mips64']) },
    })
  })

  test('does nothing again where nothing changed', async () => {
    const { events } = await told(crossCompiled, { context, platform, tags: ['cross:2'] })
    expect(events.map(({ type }) => type)).toEqual(['graph', 'cached', 'cached', 'image'])
    expect(await raw('cross:2')).toEqual(await raw('cross:1'))
  })

  test('gives each of its images by name and platform, to be built on and run', async () => {
    const { engine } = host
    const other = await Image.get('cross:1', { engine, platform: foreign })
    expect([formatPlatform(other.platform), other.config.env]).toEqual([
      foreign,
      expect.arrayContaining(['ARCH=mips64']),
    ])
    await expect(Image.get('cross:1', { engine, platform: 'linux/s390x' })).rejects.toMatchObject({
      code: 'ERR_IMAGE_PLATFORM',
    })
    const on = await build('FROM cross:1\nCOPY --from=cross:1 /program /copy\n', {
      platform: foreign,
      output: { type: 'directory', path: join(host.directory, 'on') },
    })
    expect(on.config.env).toContain('ARCH=mips64')
    expect(await readFile(join(host.directory, 'on/copy'), 'utf8')).toBe(`${foreign} on ${own}\n`)
    const container = await Container.create('cross:1', { engine, platform: foreign, command: ['/program'] })
    expect(container.image).toMatchObject({ id: other.id })
    await container.remove()
  })

  test('of which none is for this machine gives the first', async () => {
    const image = await build('FROM scratch\nCOPY same /\n', {
      context,
      platform: ['linux/s390x', foreign],
      tags: ['away:1'],
    })
    expect(formatPlatform(image.platform)).toBe('linux/s390x')
    expect((await Image.get('away:1', { engine: host.engine })).digest).toBe(image.digest)
    expect((await Image.list({ engine: host.engine, reference: 'away' })).map(({ digest }) => digest)).toEqual([
      image.digest,
    ])
  })
})

test('base images of several platforms are pulled once, and their name stays that of this machine', async () => {
  const { engine, directory } = host
  const registry = await startDockerRegistry(join(directory, 'registry'))
  const base = `${registry.host}/base:1`
  try {
    const image = await build('FROM scratch\nARG TARGETARCH\nENV BASE=$TARGETARCH\nCOPY same /\n', {
      context,
      platform,
      tags: [base],
    })
    await image.push(base)
    await image.remove()
    const twice = { context: { ...context, other: 'one' }, platform: [foreign, own] }
    await build(`FROM ${base}\nCOPY other /\n`, { ...twice, pull: true })
    expect(formatPlatform((await Image.get(base, { engine })).platform)).toBe(own)
    expect(await Image.get(base, { engine, platform: foreign })).toMatchObject({
      config: { env: expect.arrayContaining(['BASE=mips64']) },
    })
  } finally {
    await registry.stop()
  }
  const again = await build(`FROM ${base}\nCOPY other /\n`, {
    context: { other: 'two' },
    platform: [foreign, own],
    tags: ['twice:1'],
  })
  expect(formatPlatform(again.platform)).toBe(own)
  const other = await Image.get('twice:1', { engine, platform: foreign })
  expect(other.config.env).toContain('BASE=mips64')
})

describe('a command for a machine that this is not', () => {
  test('is refused before anything runs, with the line and the cure', async () => {
    const failing = build(
      `FROM base:1 AS first\nRUN echo > /first\nFROM --platform=${foreign} scratch\nCOPY --from=first /first /\nRUN ["/first"]\n`,
    )
    await expect(failing).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
      option: 'platform',
      message: expect.stringMatching(/^Dockerfile:5: .*programs for linux\/mips64 cannot be run on this machine/),
      hint: expect.stringContaining('qemu-user-static'),
    })
    expect((await failing.report()).steps).toEqual([])
  })

  // mkdirat(AT_FDCWD, "/made", 0755); exit(0): a whole program for arm64.
  const arm64Program = () => {
    const code = [0x92800c60, 0x100000e1, 0xd2803da2, 0xd2800448, 0xd4000001, 0xd2800000, 0xd2800ba8, 0xd4000001]
    const program = Buffer.alloc(64 + 56 + 4 * code.length + 8)
    program.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
    for (const [value, at] of [
      [2, 16],
      [183, 18],
      [64, 52],
      [56, 54],
      [1, 56],
    ] as const)
      program.writeUInt16LE(value, at)
    for (const [value, at] of [
      [1, 20],
      [1, 64],
      [5, 68],
    ] as const)
      program.writeUInt32LE(value, at)
    const start = 0x400000n
    for (const [value, at] of [
      [start + 120n, 24],
      [64n, 32],
      [start, 80],
      [start, 88],
      [BigInt(program.length), 96],
      [BigInt(program.length), 104],
      [0x1000n, 112],
    ] as const)
      program.writeBigUInt64LE(value, at)
    for (const [index, word] of code.entries()) program.writeUInt32LE(word, 120 + 4 * index)
    program.write('/made', 120 + 4 * code.length)
    return program
  }

  testNeeding('an emulator of arm64')('is run by an emulator that the kernel knows', async () => {
    const out = join(host.directory, 'emulated')
    const image = await build('FROM scratch\nCOPY program /\nRUN ["/program"]\n', {
      context: { program: { content: arm64Program(), mode: 0o755 } },
      platform: 'linux/arm64',
      output: { type: 'directory', path: out },
    })
    expect(formatPlatform(image.platform)).toBe('linux/arm64')
    expect((await readdir(out)).sort()).toEqual(['made', 'program'])
  })

  test('does not matter where nothing needs it', async () => {
    const image = await build(`FROM --platform=${foreign} scratch AS never\nRUN ["/x"]\nFROM scratch\nCOPY same /\n`, {
      context,
      platform: foreign,
    })
    expect(formatPlatform(image.platform)).toBe(foreign)
  })
})

test.each<[string, unknown, string]>([
  ['none', [], 'platform'],
  ['one twice', ['linux/arm64', 'linux/arm64/v8'], 'platform'],
  ['something else', ['linux/arm64', 'linux'], 'platform[1]'],
])('a list of %s is refused', async (_what, platforms, option) => {
  await expect(build('FROM scratch\n', { platform: platforms as string[] })).rejects.toMatchObject({
    code: 'ERR_INVALID_ARGUMENT',
    option,
  })
  const tar = build('FROM scratch\n', { platform, output: { type: 'tar', path: '/nowhere' } })
  await expect(tar).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED', option: 'output' })
})
