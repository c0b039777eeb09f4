// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { type FileHandle, mkdir, mkdtemp, open, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readContextFile } from '../../../src/build/build-context-files.js'
import type { BuildContext } from '../../../src/build/context/build-context.js'

let top: string
let root: FileHandle
let context: BuildContext

beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), 'tsc-context-'))
  await writeFile(join(top, 'secret'), 'of the host')
  const path = join(top, 'context')
  await mkdir(join(path, 'sub/deep'), { recursive: true })
  await writeFile(join(path, 'file'), 'own')
  await writeFile(join(path, 'secret'), 'own secret')
  for (const [name, target] of [
    ['inside', 'sub/../file'],
    ['absolute', '/file'],
    ['up', '..'],
    ['host', join(top, 'secret')],
    ['relative', '../secret'],
    ['loop', 'loop'],
    ['sub/deep/far', '../../../../secret'],
    ['magic', '/proc/self/root'],
  ] as const)
    await symlink(target, join(path, name))
  execFileSync('mkfifo', [join(path, 'fifo')])
  root = await open(path)
  context = { root, name: path, close: async () => {} } as unknown as BuildContext
})
afterAll(async () => {
  await root.close()
  await rm(top, { recursive: true })
})

const read = async (path: string) => (await readContextFile(context, path, 1000))?.toString() ?? null

test.each([
  ['file', 'own'],
  ['/file', 'own'],
  ['sub/../file', 'own'],
  ['inside', 'own'],
  ['absolute', 'own'],
  // As if there were nothing above.
  ['../secret', 'own secret'],
  ['up/secret', 'own secret'],
  ['relative', 'own secret'],
  ['sub/deep/far', 'own secret'],
  ['host', null],
  ['magic/etc/hostname', null],
  ['loop', null],
  ['fifo', null],
  ['sub', null],
  ['', null],
  ['file/x', null],
  ['none', null],
  ['x'.repeat(300), null],
])('%s', async (path, content) => {
  expect(await read(path)).toBe(content)
})

test('one byte more than is wanted is read, not more', async () => {
  expect((await readContextFile(context, 'secret', 3))?.toString()).toBe('own ')
})

test('a directory that is exchanged for a link all the time leads nowhere else', async () => {
  const path = join(top, 'context')
  await mkdir(join(path, 'race'))
  await writeFile(join(path, 'race/secret'), 'own')
  let over = false
  const exchange = (async () => {
    while (!over) {
      await rename(join(path, 'race'), join(path, 'aside'))
      await symlink('..', join(path, 'race'))
      await rm(join(path, 'race'))
      await rename(join(path, 'aside'), join(path, 'race'))
    }
  })()
  const seen: (string | null)[] = []
  for (let round = 0; round < 300; round++) seen.push(await read('race/secret'))
  over = true
  await exchange
  expect(seen.filter((content) => content !== null && !content.startsWith('own'))).toEqual([])
})
