// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type TreeChanges, TreeWatch } from '../../../src/compose/watch/tree-watch.js'

let root: string
let tree: TreeWatch | undefined
let changes: TreeChanges[]

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tsc-watch-'))
  changes = []
})
afterEach(async () => {
  tree?.close()
  await rm(root, { recursive: true, force: true })
})

const open = async (path = root, wants: (path: string) => boolean = () => true) => {
  const failed = (error: unknown) => {
    throw error
  }
  tree = await TreeWatch.open(path, { wants, quietMs: 20, onError: failed, onChanges: (one) => changes.push(one) })
}
const next = async () => {
  await expect.poll(() => changes.length, { timeout: 5000, interval: 5 }).toBeGreaterThan(0)
  const { written, removed } = changes.shift() as TreeChanges
  return { written: [...written].sort(), removed: [...removed].sort() }
}

test('files are told when they are written, and when they are gone, however deep', async () => {
  await mkdir(join(root, 'a/b'), { recursive: true })
  await writeFile(join(root, 'a/b/old'), '1')
  await open()
  await writeFile(join(root, 'a/b/old'), '2')
  await symlink('nowhere', join(root, 'a/link'))
  expect(await next()).toEqual({ written: ['a/b/old', 'a/link'], removed: [] })
  await rm(join(root, 'a/b'), { recursive: true })
  expect(await next()).toEqual({ written: [], removed: ['a/b'] })
})

test('what comes in new, renamed and replaced directories is not missed', async () => {
  await open()
  await mkdir(join(root, 'new/deep'), { recursive: true })
  await writeFile(join(root, 'new/deep/file'), '1')
  expect(await next()).toEqual({ written: ['new', 'new/deep', 'new/deep/file'], removed: [] })
  await rename(join(root, 'new'), join(root, 'newer'))
  expect(await next()).toEqual({ written: ['newer', 'newer/deep', 'newer/deep/file'], removed: ['new'] })
  await writeFile(join(root, 'newer/deep/file'), '2')
  expect(await next()).toEqual({ written: ['newer/deep/file'], removed: [] })
  await rm(join(root, 'newer'), { recursive: true })
  await writeFile(join(root, 'newer'), 'a file')
  expect(await next()).toEqual({ written: ['newer'], removed: ['newer'] })
})

test('a directory that goes takes what was in it, and is watched again when it comes back', async () => {
  const path = join(root, 'src')
  await mkdir(join(path, 'sub'), { recursive: true })
  await writeFile(join(path, 'sub/one'), '1')
  await writeFile(join(path, 'two'), '1')
  await open(path)
  await rm(path, { recursive: true })
  expect(await next()).toEqual({ written: [], removed: ['sub', 'two'] })
  await mkdir(path)
  await writeFile(join(path, 'three'), '1')
  expect(await next()).toEqual({ written: ['three'], removed: [] })
})

test('a single file is told also when another one is put in its place', async () => {
  const path = join(root, 'package.json')
  await writeFile(path, '1')
  await open(path)
  await writeFile(join(root, 'other'), 'of no interest')
  await writeFile(`${path}.new`, '2')
  await rename(`${path}.new`, path)
  expect(await next()).toEqual({ written: [''], removed: [] })
  await rm(path)
  expect(await next()).toEqual({ written: [], removed: [''] })
})

test('what does not count is not told, and not looked into', async () => {
  await mkdir(join(root, 'node_modules/x'), { recursive: true })
  await open(root, (path) => !path.startsWith('node_modules'))
  await writeFile(join(root, 'node_modules/x/y'), '1')
  await writeFile(join(root, 'seen'), '1')
  expect(await next()).toEqual({ written: ['seen'], removed: [] })
  expect([...(tree?.paths ?? [])]).toEqual(['seen'])
})

test('a path that is not there is refused', async () => {
  await expect(open(join(root, 'missing'))).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND', errno: 'ENOENT' })
})
