// SPDX-License-Identifier: Apache-2.0
// security.md, Build: contexts and files of ADD that are hostile archives, stages that are full of traps, contexts of many files.
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { type BuildOptions, Image } from '../../../src/index.js'
import { box, useBuildEngine } from '../../support/build-engine.js'
import { type LayerEntry, tarOfEntries } from '../../support/layered-layout.js'

const { host, build, say } = useBuildEngine()
let outside: string
let canary: string

beforeAll(async () => {
  outside = join(host.directory, 'outside')
  await mkdir(outside)
  canary = join(outside, 'canary')
  await writeFile(canary, 'alive', { mode: 0o600 })
})

const unharmed = async () => {
  expect(await readFile(canary, 'utf8')).toBe('alive')
  const { mode, nlink } = await stat(canary)
  expect([mode & 0o7777, nlink]).toEqual([0o600, 1])
  expect(await readdir(outside)).toEqual(['canary'])
  expect((await readdir(join(host.root, 'tmp'))).filter((name) => !name.endsWith('.lock'))).toEqual([])
}
const up = (path: string) => `${'../'.repeat(12)}${path.slice(1)}`
const tarContext = (entries: readonly LayerEntry[]): Pick<BuildOptions, 'context'> => ({
  context: Readable.from([tarOfEntries(entries)]),
})

const climbing = (): Readonly<Record<string, readonly LayerEntry[]>> => ({
  'a name that climbs out': [{ path: up(canary), data: 'x' }],
  'a hard link to a file of the host': [{ path: 'h', type: 'link', target: canary }],
  'a hard link that climbs out': [{ path: 'h', type: 'link', target: up(canary) }],
  'a hard link through a link': [
    { path: 'd', type: 'symlink', target: outside },
    { path: 'h', type: 'link', target: 'd/canary' },
  ],
  'a file behind a link': [
    { path: 'd', type: 'symlink', target: outside },
    { path: 'd/written', data: 'x' },
  ],
  'a root that is a link': [
    { path: './', type: 'symlink', target: outside },
    { path: 'written', data: 'x' },
  ],
  'a device': [
    { path: 'mem', type: 'char', device: [1, 1], mode: 0o666 },
    { path: 'disk', type: 'block', device: [8, 0], mode: 0o666 },
  ],
})
const names = [
  'a name that climbs out',
  'a hard link to a file of the host',
  'a hard link that climbs out',
  'a hard link through a link',
  'a file behind a link',
  'a root that is a link',
  'a device',
]

describe.each(names)('%s', (name) => {
  test('in a context that is an archive leads nowhere', async () => {
    const image = await build('FROM base:1\nCOPY . /all/\n', tarContext(climbing()[name] ?? [])).catch(() => null)
    if (image)
      expect(
        await say(image, `${box} find /all -type f -exec ${box} cat {} ';'; ${box} find /all -type b -o -type c`),
      ).not.toMatch(/alive|mem|disk/)
    await unharmed()
  })

  test('in an archive that is added leads nowhere', async () => {
    const archive = gzipSync(tarOfEntries(climbing()[name] ?? []))
    const image = await build('FROM base:1\nADD it.tar.gz /all/\n', { context: { 'it.tar.gz': archive } }).catch(
      () => null,
    )
    if (image) expect(await say(image, `${box} find /all -type f -exec ${box} cat {} ';'`)).not.toContain('alive')
    await unharmed()
  })
})

test('set-id bits and capabilities of a context that is an archive do not count', async () => {
  const capability = Buffer.from('0100000202000000000000000000000000000000', 'hex')
  const entries: readonly LayerEntry[] = [
    { path: 'setuid', data: 'x', mode: 0o6755, uid: 12 },
    { path: 'capable', data: 'x', mode: 0o755, xattrs: { 'security.capability': capability } },
    {
      path: 'trusted',
      data: 'x',
      xattrs: { 'trusted.overlay.opaque': Buffer.from('y'), 'user.overlay.opaque': Buffer.from('y') },
    },
  ]
  const image = await build('FROM base:1\nCOPY . /all/\n', tarContext(entries))
  expect(await say(image, `${box} stat -c '%a %u %n' /all/*`)).toBe(
    '755 0 /all/capable\n755 0 /all/setuid\n644 0 /all/trusted\n',
  )
})

test.each([
  ['truncated', tarOfEntries([{ path: 'a', data: 'x'.repeat(5000) }]).subarray(0, 2000)],
  [
    'compressed and cut',
    gzipSync(
      tarOfEntries([{ path: 'a', data: Buffer.from(Array.from({ length: 5000 }, (_, n) => (n * n) % 251)) }]),
    ).subarray(0, 300),
  ],
  ['no archive', Buffer.alloc(3000, 7)],
])('a context that is %s is refused', async (_, bytes) => {
  const building = Image.build({
    engine: host.engine,
    context: Readable.from([bytes]),
    dockerfileText: 'FROM scratch\nCOPY . /\n',
  })
  await expect(building).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_(LAYER|ARCHIVE)_INVALID$/) })
  await unharmed()
})

test('files at hand have no paths that lead out', async () => {
  for (const path of ['../x', 'a/../../x', '..', '', 'a\0b']) {
    await expect(build('FROM base:1\nCOPY . /all/\n', { context: { [path]: 'x' } })).rejects.toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
    })
  }
  await unharmed()
})

test('a Dockerfile and an ignore file are those of the context, wherever links lead', async () => {
  const context = join(host.directory, 'linked')
  await mkdir(context)
  await writeFile(join(outside, '..', 'evil.Dockerfile'), 'FROM base:1\nRUN echo evil\n')
  await symlink('../evil.Dockerfile', join(context, 'Dockerfile'))
  for (const dockerfile of [undefined, '../evil.Dockerfile', join(host.directory, 'evil.Dockerfile')])
    await expect(Image.build({ engine: host.engine, context, dockerfile })).rejects.toMatchObject({
      code: 'ERR_FILE_NOT_FOUND',
    })
})

test('a stage that is full of links to the host is copied as it is, and nothing is read or written through them', async () => {
  const image = await build(`FROM base:1 AS traps
RUN ${box} mkdir -p /t/real && ${box} ln -s ${canary} /t/file && ${box} ln -s ${outside} /t/dir && ${box} ln -s ../../../../../../.. /t/up && ${box} ln -s /proc/self/root /t/magic
FROM base:1
RUN ${box} ln -s ${outside} /out && ${box} ln -s ../../../../.. /climb
COPY --from=traps /t/ /copied/
COPY --from=traps /t/real /out/written
COPY --from=traps /t/real /climb${outside}/written
`)
  expect(
    await say(
      image,
      `${box} readlink /copied/file; ${box} readlink /copied/magic; ${box} cat /copied/file 2>/dev/null; true`,
    ),
  ).toBe(`${canary}\n/proc/self/root\n`)
  const reading = ['/t/file', '/t/dir/canary', `/t/up${canary}`, `/t/magic${canary}`]
  for (const path of reading) {
    const copy = build(`FROM base:1 AS traps
RUN ${box} mkdir -p /t/real && ${box} ln -s ${canary} /t/file && ${box} ln -s ${outside} /t/dir && ${box} ln -s ../../../../../../.. /t/up && ${box} ln -s /proc/self/root /t/magic
FROM base:1\nCOPY --from=traps ${path} /read\n`)
    await expect(copy).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' })
  }
  await unharmed()
})
