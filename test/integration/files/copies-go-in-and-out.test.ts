// SPDX-License-Identifier: Apache-2.0
import { createReadStream, createWriteStream } from 'node:fs'
import { chmod, link, mkdir, readdir, readFile, readlink, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Container } from '../../../src/index.js'
import { idOf, ownerOf } from '../../support/ids.js'
import { testNeeding } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'
import { run } from '../image/rootfs.js'

const host = useTestEngine()
let box: Container
let source: string
const sh = async (script: string): Promise<string> => (await box.sh(script)).stdout
const scratch = (name: string): string => join(host.directory, name)

beforeAll(async () => {
  box = await host.idle({ mounts: [{ type: 'tmpfs', target: '/scratch' }] })
  source = scratch('source')
  await mkdir(join(source, 'sub/deep'), { recursive: true })
  await writeFile(join(source, 'sub/file'), 'content\n')
  await writeFile(join(source, 'run.sh'), '#!/bin/sh\necho ran\n')
  await chmod(join(source, 'run.sh'), 0o755)
  await chmod(join(source, 'sub'), 0o750)
  await link(join(source, 'sub/file'), join(source, 'twin'))
  await symlink('sub/file', join(source, 'link'))
  await run('mkfifo', '-m', '600', join(source, 'pipe'))
  await writeFile(join(source, 'sub/deep/holes'), '')
  await run('truncate', '-s', '64M', join(source, 'sub/deep/holes'))
  await utimes(join(source, 'sub/file'), 1_000_000_000, 1_234_567_890)
})
afterAll(() => box.remove({ force: true }))

const stats = (root: string) =>
  `cd ${root} && stat -c "%n %F %a %u:%g %h %s" run.sh sub sub/file twin link pipe sub/deep/holes`
const expected = [
  'run.sh regular file 755 0:0 1 19',
  expect.stringMatching(/^sub directory 750 0:0 /),
  'sub/file regular file 644 0:0 2 8',
  'twin regular file 644 0:0 2 8',
  'link symbolic link 777 0:0 1 8',
  'pipe fifo 600 0:0 1 0',
  'sub/deep/holes regular file 644 0:0 1 67108864',
  '',
]

test('a directory of the host gets into the container with all that can be in one', async () => {
  await box.fs.copyIn(source, '/copied/here')
  expect((await sh(stats('/copied/here'))).split('\n')).toEqual(expected)
  expect(
    await sh('cd /copied/here; readlink link; cat link; ./run.sh; stat -c %Y sub/file; du -k sub/deep/holes'),
  ).toBe('sub/file\ncontent\nran\n1234567890\n0\tsub/deep/holes\n')
})

test('and out again, to the caller', async () => {
  await box.fs.copyOut('/copied/here', scratch('back/again'))
  const back = scratch('back/again')
  expect((await readdir(back, { recursive: true })).sort()).toEqual((await readdir(source, { recursive: true })).sort())
  expect(await readFile(join(back, 'twin'), 'utf8')).toBe('content\n')
  expect(await readlink(join(back, 'link'))).toBe('sub/file')
  const found = await stat(join(back, 'sub/file'))
  expect(found).toMatchObject({ uid: process.geteuid?.(), nlink: 2, mtimeMs: 1_234_567_890_000 })
  expect((await stat(join(back, 'sub'))).mode & 0o7777).toBe(0o750)
  expect((await stat(join(back, 'sub/deep/holes'))).blocks).toBeLessThan(1000)
})

test('one file becomes another one, or gets into a directory', async () => {
  await box.fs.copyIn(join(source, 'run.sh'), '/tmp/renamed.sh')
  await box.fs.copyIn(join(source, 'link'), '/tmp')
  await box.fs.copyIn(join(source, 'run.sh'), '/new/directory/')
  expect(await sh('/tmp/renamed.sh; cat /tmp/file; ls /new/directory')).toBe('ran\ncontent\nrun.sh\n')
  await mkdir(scratch('out'))
  await box.fs.copyOut('/tmp/renamed.sh', scratch('out/other.sh'))
  await box.fs.copyOut('/copied/here/link', scratch('out'))
  expect((await readdir(scratch('out'))).sort()).toEqual(['link', 'other.sh'])
  expect(await readFile(scratch('out/link'), 'utf8')).toBe('content\n')
})

test('owner, mode and filter are for everything that is copied', async () => {
  const asked: string[] = []
  const owner = ownerOf(3, 4)
  const filter = ({ path, type }: { path: string; type: string }): boolean => {
    asked.push(`${path} ${type}`)
    return path !== 'sub/deep' && type !== 'fifo'
  }
  await box.fs.copyIn(source, '/owned', { owner, mode: 0o640, filter })
  expect(asked).toEqual([
    'link symlink',
    'pipe fifo',
    'run.sh file',
    'sub directory',
    'sub/deep directory',
    'sub/file file',
    'twin file',
  ])
  expect(await sh('cd /owned; find . | sort; stat -c "%a %u:%g" . sub sub/file')).toBe(
    `.\n./link\n./run.sh\n./sub\n./sub/file\n./twin\n750 ${owner}\n750 ${owner}\n640 ${owner}\n`,
  )
  await box.fs.copyOut('/owned', scratch('filtered'), { filter: ({ path }) => path.startsWith('sub') })
  expect(await readdir(scratch('filtered'))).toEqual(['sub'])
})

test('an error in the filter is the copy’s', async () => {
  const filter = (): boolean => {
    throw new Error('not that')
  }
  await expect(box.fs.copyIn(source, '/never', { filter })).rejects.toThrow('not that')
  await expect(box.fs.copyOut('/copied', scratch('never'), { filter })).rejects.toThrow('not that')
  const wrong = (async () => true) as never
  await expect(box.fs.copyIn(source, '/never', { filter: wrong })).rejects.toMatchObject({ option: 'filter' })
  expect(await box.fs.readFile('/copied/here/sub/file', 'utf8')).toBe('content\n')
})

test('directories that are there keep what they are, and files replace files', async () => {
  await sh('mkdir -p -m 1777 /there/sub; echo old > /there/run.sh; echo stays > /there/stays; mkdir /there/twin')
  for (const path of ['/there', '/there/sub']) await box.fs.chown(path, idOf(5))
  await expect(box.fs.copyIn(source, '/there')).rejects.toMatchObject({
    code: 'ERR_FILE_TYPE',
    errno: 'EISDIR',
    object: '/there/twin',
  })
  await sh('rmdir /there/twin')
  await box.fs.copyIn(source, '/there')
  expect(await sh('cd /there; stat -c "%a %u" . sub; ./run.sh; cat stays sub/file')).toBe(
    `755 ${idOf(5)}\n1777 ${idOf(5)}\nran\nstays\ncontent\n`,
  )
})

test('links on the way are followed as the container follows them', async () => {
  await sh('mkdir -p /real/place; ln -sfn /real/place /via; mkdir /into; ln -s /real /into/sub')
  await box.fs.copyIn(source, '/via')
  await box.fs.copyIn(source, '/into')
  expect(await sh('cat /real/place/sub/file /real/file; readlink /into/sub')).toBe('content\ncontent\n/real\n')
})

test('tars are those of other programs', async () => {
  const owner = ownerOf(11, 12)
  const tar = scratch('gnu.tar.gz')
  await run('tar', '--numeric-owner', '--owner=11', '--group=12', '-C', source, '-czf', tar, '.')
  await box.fs.copyIn(createReadStream(tar), '/from-gnu')
  expect(await sh('cd /from-gnu; cat twin; stat -c "%u:%g" . sub/file')).toBe(`content\n${owner}\n${owner}\n`)
  const out = scratch('out.tar')
  await pipeline(Readable.fromWeb(box.fs.copyOut('/from-gnu') as never), createWriteStream(out))
  const listed = await run('tar', '--numeric-owner', '-tvf', out)
  const listedOwner = owner.replace(':', '/')
  expect(listed).toMatch(new RegExp(`^drwxr-x--- ${listedOwner} +0 .* sub/$`, 'm'))
  expect(listed).toMatch(new RegExp(`^-rwxr-xr-x ${listedOwner} +19 .* run\\.sh$`, 'm'))
  expect(listed).toMatch(/ link -> sub\/file$/m)
})

test('node’s tar package reads and writes them', async () => {
  const { c, t } = await import('tar')
  await box.fs.copyIn(Readable.from(c({ cwd: source, portable: true }, ['sub', 'link'])), '/from-node')
  expect(await sh('cat /from-node/link')).toBe('content\n')
  const names: string[] = []
  const parser = t({
    onReadEntry: ({ path, type }: { path: string; type: string }) => void names.push(`${path} ${type}`),
  })
  await pipeline(Readable.fromWeb(box.fs.copyOut('/from-node/sub') as never), parser as never)
  expect(names.sort()).toEqual(['./ Directory', 'deep/ Directory', 'deep/holes File', 'file File'])
})

test('a tar that comes out goes in, with owners, of what is mounted too', async () => {
  const owner = ownerOf(21, 22)
  await sh(
    `mkdir -p /scratch/a; echo memory > /scratch/a/file; chown ${owner} /scratch/a/file; chmod 4755 /scratch/a/file`,
  )
  await box.fs.copyIn(box.fs.copyOut('/scratch'), '/elsewhere')
  expect(await sh('cat /elsewhere/a/file; stat -c "%u:%g %a" /elsewhere/a/file')).toBe(`memory\n${owner} 4755\n`)
})

testNeeding('single id')(
  'with one id a tar is root’s, whoever owned it, and any other owner is refused at once',
  async () => {
    const tar = scratch('foreign.tar')
    await run('tar', '--numeric-owner', '--owner=11', '--group=12', '-C', source, '-cf', tar, '.')
    await box.fs.copyIn(createReadStream(tar), '/foreign')
    expect(await sh('stat -c "%u:%g" /foreign /foreign/link /foreign/sub /foreign/sub/file')).toBe('0:0\n'.repeat(4))
    await sh('mkdir /is-there')
    for (const place of ['/is-there', '/not-there/yet'])
      for (const owner of ['1:0', '0:1', 31])
        await expect(box.fs.copyIn(source, place, { owner })).rejects.toMatchObject({
          code: 'ERR_USER_UNMAPPED',
          errno: 'EINVAL',
          object: place,
          hint: expect.stringContaining('--add-subuids'),
        })
    expect(await sh('ls /is-there; test -e /not-there || echo nothing')).toBe('nothing\n')
  },
)

test('what is no tar, or is cut off, is said to be that', async () => {
  const bad = Readable.from([Buffer.alloc(2048, 'x')])
  await expect(box.fs.copyIn(bad, '/bad')).rejects.toMatchObject({ code: 'ERR_ARCHIVE_INVALID' })
  const whole = await readFile(scratch('out.tar'))
  await expect(box.fs.copyIn(Readable.from([whole.subarray(0, 1800)]), '/bad')).rejects.toMatchObject({
    code: 'ERR_ARCHIVE_INVALID',
  })
  await expect(box.fs.copyIn(scratch('none'), '/bad')).rejects.toMatchObject({
    code: 'ERR_FILE_NOT_FOUND',
    object: scratch('none'),
  })
  await expect(box.fs.copyIn(42 as never, '/bad')).rejects.toMatchObject({
    code: 'ERR_INVALID_ARGUMENT',
    option: 'source',
  })
  await expect(box.fs.copyOut('/none', scratch('x'))).rejects.toMatchObject({
    code: 'ERR_FILE_NOT_FOUND',
    object: '/none',
  })
})

test('a copy that is aborted ends, and the next one works', async () => {
  const abort = new AbortController()
  const endless = Readable.from(
    (async function* () {
      yield (await readFile(scratch('out.tar'))).subarray(0, 512)
      abort.abort(new Error('enough'))
      await new Promise(() => {})
    })(),
  )
  await expect(box.fs.copyIn(endless, '/aborted', { signal: abort.signal })).rejects.toThrow('enough')
  await box.fs.copyIn(join(source, 'run.sh'), '/tmp/after')
  expect(await sh('/tmp/after')).toBe('ran\n')
})

test('a stopped container takes and gives copies', async () => {
  const stopped = await host.run({ command: ['true'] })
  await stopped.wait()
  await stopped.fs.copyIn(source, '/while/stopped', { owner: idOf(31) })
  await stopped.fs.copyOut('/while/stopped/run.sh', scratch('from-stopped'))
  expect(await readFile(scratch('from-stopped'), 'utf8')).toContain('echo ran')
  expect((await stopped.fs.stat('/while/stopped/sub/file')).uid).toBe(idOf(31))
  await stopped.start()
  await stopped.remove({ force: true })
})
