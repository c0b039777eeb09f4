// SPDX-License-Identifier: Apache-2.0
import {
  type FileHandle,
  mkdir,
  mkdtemp,
  open,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { mergeTree } from '../../../../src/build/output/merge-tree.js'

let base: string
let from: string
let to: string
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'merge-'))
  from = join(base, 'from')
  to = join(base, 'to')
  for (const directory of [from, to, join(base, 'outside')]) await mkdir(directory)
})
afterEach(() => rm(base, { recursive: true }))

async function merge(signal = new AbortController().signal): Promise<void> {
  const handles: FileHandle[] = []
  for (const path of [from, to]) handles.push(await open(path, 'r'))
  const [source, target] = handles as [FileHandle, FileHandle]
  await mergeTree({ from: source, to: target, path: to }, signal).finally(() =>
    Promise.all(handles.map((handle) => handle.close())),
  )
}

async function write(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(root, path, '..'), { recursive: true })
    await writeFile(join(root, path), content)
  }
}

test('what is there stays, the same names are replaced', async () => {
  await write(to, { 'kept/a': 'old', 'both/b': 'old', top: 'old' })
  await write(from, { 'both/b': 'new', 'both/c': 'new', 'added/d': 'new', top: 'new' })
  await merge()
  const read = (path: string) => readFile(join(to, path), 'utf8')
  expect(await Promise.all(['kept/a', 'both/b', 'both/c', 'added/d', 'top'].map(read))).toEqual([
    'old',
    'new',
    'new',
    'new',
    'new',
  ])
})

test('links in the target are replaced, and lead nobody out', async () => {
  await write(base, { 'outside/file': 'safe' })
  await symlink(join(base, 'outside'), join(to, 'directory'))
  await symlink(join(base, 'outside/file'), join(to, 'file'))
  await write(from, { 'directory/file': 'new', file: 'new' })
  await merge()
  expect(await readFile(join(base, 'outside/file'), 'utf8')).toBe('safe')
  expect(await readFile(join(to, 'directory/file'), 'utf8')).toBe('new')
  expect(await readFile(join(to, 'file'), 'utf8')).toBe('new')
})

test('links of the result come as they are', async () => {
  await symlink('/etc/passwd', join(from, 'link'))
  await merge()
  expect(await readlink(join(to, 'link'))).toBe('/etc/passwd')
})

test('a directory never goes for something else, and then nothing is moved', async () => {
  await write(to, { 'z/precious': 'old' })
  await write(from, { a: 'new', z: 'new' })
  await expect(merge()).rejects.toMatchObject({ code: 'ERR_FILE_TYPE', object: `${to}/z` })
  expect(await readFile(join(to, 'z/precious'), 'utf8')).toBe('old')
  await expect(stat(join(to, 'a'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('directories have the modes and times of the result', async () => {
  await write(to, { 'both/a': '' })
  await write(from, { 'both/b': '', 'locked/c': '' })
  for (const name of ['both', 'locked']) {
    const handle = await open(join(from, name), 'r')
    await handle.chmod(0o555)
    await handle.utimes(1000, 1000)
    await handle.close()
  }
  await merge()
  for (const name of ['both', 'locked']) {
    const { mode, mtimeMs } = await stat(join(to, name))
    expect([name, mode & 0o777, mtimeMs]).toEqual([name, 0o555, 1_000_000])
    const handle = await open(join(to, name), 'r')
    await handle.chmod(0o755)
    await handle.close()
  }
})

test('an abort before anything is moved moves nothing', async () => {
  await write(from, { a: '' })
  await expect(merge(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
  await expect(stat(join(to, 'a'))).rejects.toMatchObject({ code: 'ENOENT' })
})
