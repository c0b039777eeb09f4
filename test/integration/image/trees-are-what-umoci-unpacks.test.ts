// SPDX-License-Identifier: Apache-2.0
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { beforeAll, expect, test } from 'vitest'
import { Container, Image } from '../../../src/index.js'
import { type LayerEntry, writeLayout } from '../../support/layered-layout.js'
import { has, testNeeding } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'
import { run } from './rootfs.js'

const isRoot = has('root')
const note = { 'user.note': Buffer.from('of the lowest layer') }
// linux/capability.h, version 2: cap_net_raw+ep.
const capability = { 'security.capability': Buffer.from('0100000200200000000000000000000000000000', 'hex') }

const lowest: readonly LayerEntry[] = [
  { path: 'etc/', type: 'directory', mode: 0o755, mtime: 1000 },
  { path: 'srv/', type: 'directory', mode: 0o2750, uid: 7, gid: 8, mtime: 2000, xattrs: note },
  { path: 'srv/deep/', type: 'directory', mode: 0o700, uid: 9, gid: 10, mtime: 3000 },
  { path: 'srv/deep/a', data: 'a', mode: 0o4755, uid: 5, gid: 6, mtime: 4000, xattrs: note },
  { path: 'srv/deep/twin', type: 'link', target: 'srv/deep/a' },
  { path: 'srv/link', type: 'symlink', target: 'deep/a', mode: 0o777, mtime: 5000 },
  { path: 'opt/', type: 'directory', mode: 0o1777, mtime: 6000 },
  { path: 'opt/gone', data: 'gone', mtime: 7000 },
  { path: 'opt/dir/', type: 'directory', mode: 0o711, uid: 1, gid: 1, mtime: 8000 },
  { path: 'opt/dir/below', data: 'below', mtime: 9000 },
  { path: 'var/', type: 'directory', mode: 0o750, uid: 3, gid: 4, mtime: 1100 },
  { path: 'var/lib/', type: 'directory', mode: 0o2775, uid: 3, gid: 4, mtime: 1200 },
  { path: 'pipe', type: 'fifo', mode: 0o640, mtime: 1300 },
  ...(isRoot
    ? [
        { path: 'null', type: 'char', mode: 0o666, device: [1, 3], mtime: 1400 } as const,
        { path: 'capable', data: 'x', mode: 0o755, mtime: 1500, xattrs: capability },
      ]
    : []),
]

// Not one directory of its own: what they are is said below.
const implying: readonly LayerEntry[] = [
  { path: 'srv/deep/c', data: 'c', uid: 11, gid: 12, mtime: 1600 },
  { path: 'opt/.wh.gone' },
  { path: 'opt/dir/.wh..wh..opq' },
  { path: 'opt/dir/above', data: 'above', mtime: 1700 },
  { path: 'var/lib/file', data: 'file', mtime: 1850 },
  { path: 'etc/new/file', data: 'new', mtime: 1800 },
  { path: 'srv/\u00fcml\u00e4ut', data: 'ü', mtime: 1900 },
]

const mixed: readonly LayerEntry[] = [
  { path: 'srv/deep/d', data: 'd', mtime: 2100 },
  { path: 'srv/', type: 'directory', mode: 0o755, uid: 0, gid: 8, mtime: 2200 },
  { path: 'etc/new/other', type: 'link', target: 'srv/deep/d' },
  { path: 'etc/file', data: 'file', mtime: 2300 },
]

const host = useTestEngine()
let image: Image
let ours: string
let theirs: string
beforeAll(async () => {
  const layout = await writeLayout(join(host.directory, 'layout'), [lowest, implying, mixed])
  image = await Image.load(layout, { engine: host.engine })
  const box = await Container.create(image, { engine: host.engine, idle: true })
  const tar = join(host.directory, 'export.tar')
  await pipeline(Readable.fromWeb(box.export() as never), createWriteStream(tar))
  await box.remove()
  ours = join(host.directory, 'ours')
  await mkdir(ours)
  await run('tar', '--xattrs', '--xattrs-include=*', '--numeric-owner', '-C', ours, '-xpf', tar)
  const bundle = join(host.directory, 'bundle')
  const rootless = isRoot ? [] : ['--rootless']
  await run('umoci', 'unpack', ...rootless, '--image', `${layout}:example.com/layered:1`, bundle)
  theirs = join(bundle, 'rootfs')
})

// A directory that no layer has itself was made when it was needed, and umoci lets that be seen in its parent.
const made = ['etc', 'etc/new']

const listing = async (root: string) => {
  const format = ['-type', 'd', '-printf', '%P %y %m %U:%G %T@\\n', '-o', '-printf', '%P %y %m %U:%G %n %s %T@ %l\\n']
  const lines = (await run('find', root, '-mindepth', '1', '(', ...format, ')')).trimEnd().split('\n').sort()
  return lines.map((line) => (made.some((path) => line.startsWith(`${path} `)) ? line.replace(/ \S+$/, '') : line))
}

test('names, types, modes, owners, links, sizes and times', async () => {
  const expected = await listing(theirs)
  expect(await listing(ours)).toEqual(expected)
  expect(expected.length).toBeGreaterThan(15)
})

test('data', async () => {
  const sums = (root: string) => run('sh', '-c', 'cd "$0" && find . -type f | LC_ALL=C sort | xargs sha256sum', root)
  expect(await sums(ours)).toBe(await sums(theirs))
})

test('attributes', async () => {
  const attributes = async (root: string) =>
    (await run('sh', '-c', 'cd "$0" && getfattr -Rhd -m - -e hex . | LC_ALL=C sort', root))
      .split('\n')
      // What umoci notes of owners that it could not give.
      .filter((line) => line.includes('=') && !line.startsWith('user.rootlesscontainers'))
  const found = await attributes(ours)
  expect(found).toEqual(await attributes(theirs))
  expect(found.filter((line) => line.startsWith('user.note')).length).toBeGreaterThan(0)
})

testNeeding('subordinate ids')('owners of directories that layers only imply, whoever runs this', async () => {
  const lines = (await run('tar', '--numeric-owner', '-tvf', join(host.directory, 'export.tar'))).split('\n')
  const ownerOf = (path: string) =>
    lines
      .find((line) => line.endsWith(` ${path}`))
      ?.split(/ +/)
      .slice(0, 2)
  expect(ownerOf('srv/deep/')).toEqual(['drwx------', '9/10'])
  expect(ownerOf('srv/')).toEqual(['drwxr-xr-x', '0/8'])
  expect(ownerOf('opt/dir/')).toEqual(['drwx--x--x', '1/1'])
  expect(ownerOf('var/lib/')).toEqual(['drwxrwsr-x', '3/4'])
  expect(ownerOf('etc/new/')).toEqual(['drwxr-xr-x', '0/0'])
})
