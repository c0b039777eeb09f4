// SPDX-License-Identifier: Apache-2.0

import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, link, mkdir, open, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDirectoryContext } from '../../../src/build/context/open-directory-context.js'
import { openFileContext } from '../../../src/build/context/open-file-context.js'
import { copyStep } from '../../../src/build/steps/copy-step.js'
import { directoryStep } from '../../../src/build/steps/directory-step.js'
import { buildTar } from '../../../src/layer/build-tar.js'
import type { Digest } from '../../../src/oci/digest.js'
import { type ImageStore, openImageStore } from '../image/image-store.js'
import { copyFiles, copyFrom, layerOf, listLayer, times } from './build-files.js'

let store: ImageStore
let base: Digest
const passwd = 'root:x:0:0::/:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n'

beforeAll(async () => {
  store = await openImageStore()
  base = await layerOf(store, {
    'etc/passwd': passwd,
    'etc/group': 'root:x:0:\nstaff:x:50:\n',
    'srv/data/': { content: '', mode: 0o700 },
    'srv/data/old': 'old',
    'var/run': { link: '/run' },
    'run/': '',
    out: { link: '../../../../../../tmp' },
  })
})
afterAll(() => store.dispose())

const app = {
  'app/a.js': 'a',
  'app/lib/b.js': 'b',
  'app/lib/c.txt': 'c',
  'run.sh': { content: '#!/bin/sh\n', mode: 0o755 },
}
const copied = async (sources: readonly string[], destination: string, more: Record<string, unknown> = {}) =>
  await listLayer(store, await copyFiles(store, app, { layers: [base], sources, destination, ...more }))

describe('what is copied', () => {
  test('a directory means what is in it, and what is made on the way is root’s', async () => {
    expect(await copied(['app'], '/opt/x')).toEqual([
      'drwxr-xr-x 0/0 opt/',
      'drwxr-xr-x 0/0 opt/x/',
      '-rw-r--r-- 0/0 opt/x/a.js',
      'drwxr-xr-x 0/0 opt/x/lib/',
      '-rw-r--r-- 0/0 opt/x/lib/b.js',
      '-rw-r--r-- 0/0 opt/x/lib/c.txt',
    ])
  })

  test('the slash at the end decides what a file is called', async () => {
    expect(await copied(['run.sh'], '/bin/start')).toEqual(['drwxr-xr-x 0/0 bin/', '-rwxr-xr-x 0/0 bin/start'])
    expect(await copied(['run.sh'], '/bin/')).toEqual(['drwxr-xr-x 0/0 bin/', '-rwxr-xr-x 0/0 bin/run.sh'])
  })

  test('a directory that is there is copied into, and keeps what it is like', async () => {
    expect(await copied(['run.sh'], '/srv/data')).toEqual([
      'drwxr-xr-x 0/0 srv/',
      'drwx------ 0/0 srv/data/',
      '-rwxr-xr-x 0/0 srv/data/run.sh',
    ])
  })

  test('links of the target lead inside it only', async () => {
    expect(await copied(['run.sh'], '/var/run/')).toEqual(['drwxr-xr-x 0/0 run/', '-rwxr-xr-x 0/0 run/run.sh'])
    expect(await copied(['run.sh'], '/out/')).toEqual(['drwxr-xr-x 0/0 tmp/', '-rwxr-xr-x 0/0 tmp/run.sh'])
  })

  test('owners by name are those of the target, modes octal or symbolic', async () => {
    expect(await copied(['run.sh'], '/x/', { owner: 'app' })).toEqual([
      'drwxr-xr-x 1000/1001 x/',
      '-rwxr-xr-x 1000/1001 x/run.sh',
    ])
    expect(await copied(['run.sh'], '/r', { owner: '7' })).toEqual(['-rwxr-xr-x 7/7 r'])
    expect(await copied(['run.sh'], '/r', { owner: 'app:staff', mode: '4750' })).toEqual(['-rwsr-x--- 1000/50 r'])
    expect(await copied(['app/lib'], '/l', { mode: 'u=rwX,go=' })).toEqual([
      'drwxr-xr-x 0/0 l/',
      '-rw------- 0/0 l/b.js',
      '-rw------- 0/0 l/c.txt',
    ])
    expect(await copied(['run.sh'], '/r', { owner: 'nobody-here' })).toEqual(['-rwxr-xr-x 0/0 r'])
    const onNothing = copied(['run.sh'], '/r', { owner: 'app', link: true })
    await expect(onNothing).rejects.toMatchObject({ code: 'ERR_USER_NOT_FOUND' })
    const nobody = copied(['run.sh'], '/r', { owner: '4294967296' })
    await expect(nobody).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    await expect(copied(['run.sh'], '/r', { mode: 'u+q' })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  })

  test('wildcards, exclusions and parents choose', async () => {
    expect(await copied(['app/lib/*.js'], '/x/')).toEqual(['drwxr-xr-x 0/0 x/', '-rw-r--r-- 0/0 x/b.js'])
    expect(await copied(['app'], '/x', { exclude: ['**/*.js', '!lib/b.js'] })).toEqual([
      'drwxr-xr-x 0/0 x/',
      'drwxr-xr-x 0/0 x/lib/',
      '-rw-r--r-- 0/0 x/lib/b.js',
      '-rw-r--r-- 0/0 x/lib/c.txt',
    ])
    expect(await copied(['app/./lib/*.txt'], '/x', { parents: true })).toEqual([
      'drwxr-xr-x 0/0 x/',
      'drwxr-xr-x 0/0 x/lib/',
      '-rw-r--r-- 0/0 x/lib/c.txt',
    ])
    expect(await copied(['**/b.js'], '/x', { parents: true })).toContain('-rw-r--r-- 0/0 x/app/lib/b.js')
  })

  test('a layer of its own says nothing of what is below', async () => {
    const one = await copyFiles(store, app, {
      layers: [base],
      sources: ['run.sh'],
      destination: '/srv/data/',
      link: true,
    })
    const other = await copyFiles(store, app, {
      layers: [],
      sources: ['run.sh'],
      destination: '/srv/data/',
      link: true,
    })
    expect(one).toBe(other)
    expect(await listLayer(store, one)).toContain('drwxr-xr-x 0/0 srv/data/')
  })

  test('a file does not take the place of a directory, nor the other way round', async () => {
    const files = { 'd/data/x': 'x', 'f/etc': 'f' }
    const onFile = copyFiles(store, files, { layers: [base], sources: ['d'], destination: '/etc/passwd' })
    await expect(onFile).rejects.toMatchObject({ code: 'ERR_FILE_TYPE', errno: 'ENOTDIR' })
    const onDirectory = copyFiles(store, files, { layers: [base], sources: ['f'], destination: '/' })
    await expect(onDirectory).rejects.toMatchObject({ code: 'ERR_FILE_TYPE', errno: 'EISDIR' })
  })

  test('the same copy is the same layer, for whoever runs the engine', async () => {
    const layer = await copyFiles(store, app, {
      layers: [base],
      sources: ['.'],
      destination: '/srv/',
      owner: 'app:staff',
    })
    expect(layer).toBe('sha256:24efba52c068add52e2d6a0b127f3e2877b6d2ea500cb15a13e52cba3f8f530a')
  })
})

describe('from a root', () => {
  test('owners are kept', async () => {
    const stage = await copyFiles(store, app, { layers: [base], sources: ['app'], destination: '/app', owner: 'app' })
    const layer = await copyFrom(store, { layers: [base, stage] }, { sources: ['/app'], destination: '/srv/data/app' })
    expect(await listLayer(store, layer)).toContain('-rw-r--r-- 1000/1001 srv/data/app/a.js')
    expect(await listLayer(store, layer)).toContain('drwxr-xr-x 0/0 srv/data/')
  })
})

describe('from a directory', () => {
  test('hard links, links and times are kept, and times are not newer than they may be', async () => {
    const path = join(store.directory, 'context')
    await mkdir(join(path, 'dir'), { recursive: true })
    await writeFile(join(path, 'dir/one'), 'one')
    await chmod(join(path, 'dir/one'), 0o640)
    await link(join(path, 'dir/one'), join(path, 'dir/two'))
    await symlink('/etc/shadow', join(path, 'dir/link'))
    await utimes(join(path, 'dir/one'), 2_000_000_000, 2_000_000_000)
    const source = openDirectoryContext(path)
    const layer = await copyFrom(store, source, { sources: ['dir'], destination: '/' })
    expect(await listLayer(store, layer)).toEqual([
      'lrwxrwxrwx 0/0 link -> /etc/shadow',
      '-rw-r----- 0/0 one',
      'hrw-r----- 0/0 two link to one',
    ])
    // Sources that are links lead to what they lead to in the context, never on the host.
    const missing = copyFrom(store, source, { sources: ['dir/link'], destination: '/' })
    await expect(missing).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' })
    const above = copyFrom(store, source, { sources: ['../../../../etc/hostname'], destination: '/' })
    await expect(above).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' })
    await source.close()
  })
})

describe('an archive', () => {
  const tar = buildTar([
    { type: 'directory', path: 'etc', mode: 0o711 },
    { type: 'file', path: 'etc/new', mode: 0o600, data: Buffer.from('new') },
    { type: 'symlink', path: 'here', target: '/run' },
    { type: 'file', path: 'here/through', mode: 0o644, data: Buffer.from('x') },
  ])

  test.each([
    ['plain', tar],
    ['gzip', gzipSync(tar)],
  ])('is known by its content and unpacked where the links of the target lead: %s', async (_, bytes) => {
    const layer = await copyFiles(
      store,
      { 'any.name': bytes },
      { layers: [base], sources: ['any.name'], destination: '/', unpack: true },
    )
    expect(await listLayer(store, layer)).toEqual([
      'drwx--x--x 0/0 etc/',
      '-rw------- 0/0 etc/new',
      'lrwxrwxrwx 0/0 here -> /run',
      'drwxr-xr-x 0/0 run/',
      '-rw-r--r-- 0/0 run/through',
    ])
  })

  test('stays a file where nobody asked, and so does what is only compressed', async () => {
    const files = { 'a.tar': tar, 'b.gz': gzipSync('just text') }
    const plain = await copyFiles(store, files, { sources: ['a.tar'], destination: '/x/' })
    expect(await listLayer(store, plain)).toContain('-rw-r--r-- 0/0 x/a.tar')
    const text = await copyFiles(store, files, { sources: ['b.gz'], destination: '/x/', unpack: true })
    expect(await listLayer(store, text)).toContain('-rw-r--r-- 0/0 x/b.gz')
  })

  test.each(['xz', 'bzip2', 'zstd'])('by %s is unpacked, and one that is cut off is an error', async (program) => {
    const bytes = execFileSync(program, ['-c'], {
      input: Buffer.concat([tar, randomBytes(3_000_000)]),
      maxBuffer: 1 << 24,
    })
    const of = (content: Uint8Array) =>
      copyFiles(store, { a: content }, { sources: ['a'], destination: '/x/', unpack: true })
    await expect(of(bytes.subarray(0, -1_000_000))).rejects.toMatchObject({ code: 'ERR_LAYER_INVALID' })
    const whole = execFileSync(program, ['-c'], { input: tar })
    expect(await listLayer(store, await of(whole))).toContain('-rw------- 0/0 x/etc/new')
  })
})

test('a file that was fetched is its owner’s alone, and has the time that it was given', async () => {
  const path = join(store.directory, 'fetched')
  await writeFile(path, 'fetched')
  const file = await open(path)
  const source = await openFileContext(store, { file, name: 'page.html', mtime: 123_456_789 })
  const layer = await copyFrom(store, source, { sources: ['page.html'], destination: '/' })
  await source.close()
  await file.close()
  expect(await listLayer(store, layer)).toEqual(['-rw------- 0/0 page.html'])
  expect((await stat(join(store.store.paths.layer(layer), 'fs/page.html'))).mtimeMs).toBe(123_456_789_000)
})

describe('a working directory', () => {
  test('is made once, its owner by name', async () => {
    const layer = await directoryStep(store, { layers: [base], path: '/var/run/app', owner: 'app', times })
    expect(await listLayer(store, layer!.diffId)).toEqual(['drwxr-xr-x 0/0 run/', 'drwxr-xr-x 1000/1001 run/app/'])
    expect(await directoryStep(store, { layers: [base, layer!.diffId], path: '/run/app' })).toBeNull()
  })
})

test('a copy that fails leaves nothing', async () => {
  const before = await store.contents()
  await expect(copied(['missing'], '/')).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' })
  await expect(copied(['[a'], '/')).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  expect(await store.contents()).toEqual(before)
})

test('a layer is where it was written: nothing is unpacked again', async () => {
  const source = openDirectoryContext(store.directory)
  await writeFile(join(store.directory, 'big'), Buffer.alloc(1 << 20, 'x'))
  const { layer } = await copyStep(store, {
    layers: [],
    sources: [{ source, selection: { sources: ['big'] } }],
    destination: '/',
    times,
  })
  await source.close()
  const path = join(store.store.paths.layer(layer.diffId), 'fs/big')
  expect((await readFile(path)).equals(Buffer.alloc(1 << 20, 'x'))).toBe(true)
})
