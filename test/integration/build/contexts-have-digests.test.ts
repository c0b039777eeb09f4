// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, readdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BuildContext } from '../../../src/build/context/build-context.js'
import { digestSource } from '../../../src/build/context/digest-source.js'
import { openArchiveContext } from '../../../src/build/context/open-archive-context.js'
import { openDirectoryContext } from '../../../src/build/context/open-directory-context.js'
import { openMemoryContext } from '../../../src/build/context/open-memory-context.js'
import { buildTar } from '../../../src/layer/build-tar.js'
import { type ImageStore, openImageStore } from '../image/image-store.js'

let store: ImageStore
let path: string
let context: BuildContext

beforeAll(async () => {
  store = await openImageStore()
  path = join(store.directory, 'context')
  await mkdir(join(path, 'docs/api'), { recursive: true })
  await writeFile(join(path, 'app.js'), 'app')
  await writeFile(join(path, 'docs/read.md'), 'read')
  await writeFile(join(path, 'docs/api/keep.md'), 'keep')
  await symlink('app.js', join(path, 'link'))
  context = openDirectoryContext(path)
})
afterAll(async () => {
  await context.close()
  await store.dispose()
})

const digestOf = async (selection: { sources?: readonly string[]; ignore?: readonly string[] } = {}) =>
  await digestSource(store, context, { sources: ['.'], ...selection })

test('times do not count; content, modes, names and links do', async () => {
  const first = await digestOf()
  expect(first).toMatchObject({ entries: 6, bytes: 11 })
  await utimes(join(path, 'app.js'), 1, 1)
  expect(await digestOf()).toEqual(first)
  const different = new Set([first.digest])
  const change = async (make: () => Promise<unknown>, back: () => Promise<unknown>) => {
    await make()
    different.add((await digestOf()).digest)
    await back()
    expect(await digestOf()).toEqual(first)
  }
  const app = join(path, 'app.js')
  const other = join(path, 'other.js')
  const link = join(path, 'link')
  const relink = (target: string) => rm(link).then(() => symlink(target, link))
  await change(
    () => chmod(app, 0o755),
    () => chmod(app, 0o644),
  )
  await change(
    () => writeFile(app, 'apq'),
    () => writeFile(app, 'app'),
  )
  await change(
    () => rename(app, other),
    () => rename(other, app),
  )
  await change(
    () => relink('docs'),
    () => relink('app.js'),
  )
  expect(different.size).toBe(5)
})

test('a change within the size that is followed by the old time is seen', async () => {
  const app = join(path, 'app.js')
  const before = await digestOf()
  // Long enough for it to be remembered.
  await new Promise((resolve) => setTimeout(resolve, 60))
  await digestOf()
  const { atime, mtime } = await stat(app)
  await writeFile(app, 'ppa')
  await utimes(app, atime, mtime)
  expect((await digestOf()).digest).not.toBe(before.digest)
  await writeFile(app, 'app')
})

test('what is remembered is of files that had settled', async () => {
  const file = join(path, 'racy')
  for (let round = 0; round < 20; round++) {
    await writeFile(file, `a${round % 10}`)
    const one = await digestOf({ sources: ['racy'] })
    await writeFile(file, `b${round % 10}`)
    expect((await digestOf({ sources: ['racy'] })).digest).not.toBe(one.digest)
  }
  await rm(file)
})

test('patterns leave out, and take back', async () => {
  const count = async (...ignore: string[]) => (await digestOf({ ignore })).entries
  expect(await count('docs')).toBe(2)
  expect(await count('docs', '!docs/api')).toBe(5)
  expect(await count('**/*.md')).toBe(4)
  expect(await count('*', '!docs/api/keep.md')).toBe(3)
  await expect(digestOf({ sources: ['docs/read.md'], ignore: ['docs'] })).rejects.toMatchObject({
    code: 'ERR_FILE_NOT_FOUND',
    step: 'find source',
  })
})

test('an archive and files at hand are the same context as a directory', async () => {
  const tar = buildTar([
    { type: 'file', path: 'app.js', mode: 0o644, data: Buffer.from('app') },
    { type: 'symlink', path: 'link', target: 'app.js' },
    { type: 'file', path: 'docs/read.md', mode: 0o644, data: Buffer.from('read') },
    { type: 'file', path: 'docs/api/keep.md', mode: 0o644, data: Buffer.from('keep') },
  ])
  const files = {
    'app.js': 'app',
    link: { link: 'app.js' },
    'docs/read.md': 'read',
    'docs/api/keep.md': Buffer.from('keep'),
  }
  const opened = [await openArchiveContext(store, Readable.from([tar])), await openMemoryContext(store, files)]
  const expected = await digestOf()
  for (const other of opened) {
    expect(await digestSource(store, other, { sources: ['.'] })).toEqual(expected)
    await other.close()
  }
  expect(await readdir(join(store.root, 'tmp'))).toEqual([])
})

test('what is no context is refused', async () => {
  expect(() => openDirectoryContext('/nowhere')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }))
  for (const name of ['', '..', 'a/../../b', '/'])
    await expect(openMemoryContext(store, { [name]: '' })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  const noTar = openArchiveContext(store, Readable.from([Buffer.alloc(2048, 'x')]))
  await expect(noTar).rejects.toMatchObject({ name: 'EngineError' })
  expect(await readdir(join(store.root, 'tmp'))).toEqual([])
})
