// SPDX-License-Identifier: Apache-2.0
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { beforeAll, describe, expect, test } from 'vitest'
import { type BuildOptions, type BuildOutput, Image } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'
import { makeRootfs, makeTar, run } from '../image/rootfs.js'

const host = useTestEngine()
const box = '/bin/busybox'

beforeAll(async () => {
  const rootfs = await makeRootfs(join(host.directory, 'rootfs'))
  await Image.import(await makeTar(rootfs, join(host.directory, 'rootfs.tar')), { engine: host.engine, tag: 'base:1' })
})

const build = (dockerfileText: string, output: BuildOptions['output'], options: BuildOptions = {}) =>
  Image.build({ engine: host.engine, dockerfileText, output, ...options })
const at = (name: string) => join(host.directory, name)
const leftovers = async (directory: string) => (await readdir(directory)).filter((name) => name.endsWith('.tmp'))

// The usual case: a stage that makes something, and one that has nothing else.
const tool = `FROM base:1 AS made
RUN echo made > /tool && ${box} chmod 4755 /tool && ${box} mkdir /deep && echo x > /deep/gone
FROM scratch AS lower
COPY --from=made /tool /bin/tool
COPY --from=made /deep /deep
FROM lower
COPY notes /notes
`
const context = { notes: 'hello\n' }

describe('a directory', () => {
  test('gets the root file system of the result, as the caller’s', async () => {
    await build(tool, { type: 'directory', path: at('new/dist') }, { context })
    expect((await readdir(at('new/dist'))).sort()).toEqual(['bin', 'deep', 'notes'])
    const found = await stat(at('new/dist/bin/tool'))
    expect([found.uid, found.mode & 0o7777]).toEqual([process.geteuid?.(), 0o755])
    expect(await readFile(at('new/dist/bin/tool'), 'utf8')).toBe('made\n')
    expect(await leftovers(at('new'))).toEqual([])
  })

  test('that is there keeps what it has, and its links lead nobody out', async () => {
    await mkdir(at('there'))
    await mkdir(at('outside'))
    await writeFile(at('there/kept'), 'kept')
    await symlink(at('outside'), at('there/bin'))
    await build(tool, { type: 'directory', path: at('there') }, { context })
    expect((await readdir(at('there'))).sort()).toEqual(['bin', 'deep', 'kept', 'notes'])
    expect(await readdir(at('outside'))).toEqual([])
    expect(await readFile(at('there/bin/tool'), 'utf8')).toBe('made\n')
  })

  test('has what whole stacks of layers show, deletions too', async () => {
    const text = `FROM base:1\nRUN echo x > /x; ${box} ln /x /y; ${box} rm /etc/greeting\nRUN ${box} rm /x\n`
    await build(text, { type: 'directory', path: at('stack') })
    expect((await readdir(at('stack'))).sort()).toEqual(['bin', 'etc', 'tmp', 'var', 'y'])
    expect(await readdir(at('stack/etc'))).toEqual([])
  })

  test('is as before where the build fails, or its result does not fit', async () => {
    await mkdir(at('old/notes'), { recursive: true })
    await writeFile(at('old/notes/mine'), 'mine')
    const output: BuildOutput = { type: 'directory', path: at('old') }
    await expect(build('FROM base:1\nRUN exit 1\n', output)).rejects.toMatchObject({ code: 'ERR_BUILD_FAILED' })
    await expect(build(tool, output, { context })).rejects.toMatchObject({ code: 'ERR_FILE_TYPE' })
    expect(await readdir(at('old'))).toEqual(['notes'])
    expect(await readFile(at('old/notes/mine'), 'utf8')).toBe('mine')
  })
})

describe('a tar', () => {
  test('has the files of the result with their owners', async () => {
    const text = 'FROM scratch\nWORKDIR /made\nCOPY --chown=7:8 notes notes\n'
    await build(text, { type: 'tar', path: at('result.tar') }, { context, args: { SOURCE_DATE_EPOCH: '1000000000' } })
    const listed = await run('tar', '--numeric-owner', '--utc', '-tvf', at('result.tar'))
    expect(
      listed
        .trim()
        .split('\n')
        .map((line) => line.replace(/ +/g, ' ')),
    ).toEqual(['drwxr-xr-x 0/0 0 2001-09-09 01:46 made/', '-rw-r--r-- 7/8 6 1970-01-01 00:00 made/notes'])
  })

  test('goes into a stream, which is ended after it', async () => {
    const chunks: Uint8Array[] = []
    const stream = new WritableStream<Uint8Array>({ write: (chunk) => void chunks.push(chunk) })
    await build(
      tool,
      [
        { type: 'tar', stream },
        { type: 'tar', path: at('same.tar') },
      ],
      { context },
    )
    expect(Buffer.concat(chunks).equals(await readFile(at('same.tar')))).toBe(true)
  })

  test('that nobody takes fails the build, and a file is there whole or not at all', async () => {
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('the disk is full')) })
    await expect(build(tool, { type: 'tar', stream }, { context })).rejects.toThrow('the disk is full')
    const controller = new AbortController()
    const options: BuildOptions = {
      context,
      signal: controller.signal,
      onProgress: ({ type }) => {
        if (type === 'cached') controller.abort(new Error('enough'))
      },
    }
    await writeFile(at('old.tar'), 'old')
    await expect(build(tool, { type: 'tar', path: at('old.tar') }, options)).rejects.toThrow('enough')
    expect(await readFile(at('old.tar'), 'utf8')).toBe('old')
    expect(await leftovers(host.directory)).toEqual([])
    expect((await readdir(join(host.root, 'tmp'))).filter((name) => !name.endsWith('.lock'))).toEqual([])
  })
})

describe('an archive of the image', () => {
  test('as an OCI layout is read by umoci and skopeo, as a directory and as a tar', async () => {
    const outputs: readonly BuildOutput[] = [
      { type: 'oci', path: at('layout') },
      { type: 'oci', path: at('layout.tar') },
    ]
    const image = await build(tool, outputs, { context, tags: ['tool:1'] })
    const name = 'docker.io/library/tool:1'
    expect(await run('umoci', 'stat', '--json', '--image', `${at('layout')}:${name}`)).toContain('COPY notes')
    for (const source of [`oci:${at('layout')}:${name}`, `oci-archive:${at('layout.tar')}:${name}`])
      expect(JSON.parse(await run('skopeo', 'inspect', source)).Digest).toBe(image.digest)
  })

  test('of docker is what skopeo and another engine load', async () => {
    const image = await build(
      tool,
      { type: 'docker', stream: createWriteStream(at('docker.tar')) },
      { context, tags: ['tool:2'] },
    )
    const inspected = JSON.parse(
      await run('skopeo', 'inspect', '--config', `docker-archive:${at('docker.tar')}:tool:2`),
    )
    expect(inspected.history.at(-1).created_by).toContain('COPY notes')
    await image.remove()
    expect((await Image.load(at('docker.tar'), { engine: host.engine })).id).toBe(image.id)
  })
})

test.each<[string, unknown, string]>([
  ['another type', { type: 'zip', path: 'x' }, 'output.type'],
  ['neither path nor stream', { type: 'tar' }, 'output'],
  ['both', { type: 'tar', path: 'x', stream: process.stdout }, 'output'],
  ['a directory as a stream', { type: 'directory', stream: process.stdout }, 'output.stream'],
  ['a stream that takes nothing', [{ type: 'tar', stream: {} }], 'output[0].stream'],
  ['an option nobody knows', { type: 'oci', path: 'x', level: 9 }, 'output.level'],
  ['an image with a path', { type: 'image', path: 'x' }, 'output.path'],
])('is refused before anything is built: %s', async (_what, output, option) => {
  await expect(build('FROM base:1\n', output as BuildOutput)).rejects.toMatchObject({
    code: 'ERR_INVALID_ARGUMENT',
    option,
  })
})
