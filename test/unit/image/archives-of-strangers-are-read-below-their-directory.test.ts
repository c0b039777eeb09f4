// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ImageFiles } from '../../../src/image/image-files.js'

let directory: string
let files: ImageFiles
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'image-files-'))
  const root = join(directory, 'archive')
  await mkdir(join(root, 'layer'), { recursive: true })
  await writeFile(join(directory, 'secret'), 'secret')
  await writeFile(join(root, 'layer/file'), 'inside')
  await symlink('layer/file', join(root, 'link'))
  await symlink('/layer', join(root, 'absolute'))
  await symlink('../../../layer', join(root, 'layer/up'))
  await symlink('../secret', join(root, 'out'))
  await symlink(join(directory, 'secret'), join(root, 'elsewhere'))
  await symlink('loop', join(root, 'loop'))
  execFileSync('mkfifo', [join(root, 'fifo')])
  files = new ImageFiles(root, { consumed: false })
})
afterAll(() => rm(directory, { recursive: true }))

const text = async (path: string) => {
  const data = await files.read(path, 1000)
  return data && Buffer.from(data).toString()
}

test.each(['layer/file', './layer/file', '/layer/file', '../../layer/file', 'link', 'absolute/file', 'layer/up/file'])(
  '%s is the file inside',
  async (path) => {
    expect(await text(path)).toBe('inside')
  },
)

test.each(['out', 'elsewhere', '../secret', 'layer/file/x', 'nothing'])('%s leads nowhere', async (path) => {
  expect(await text(path)).toBeNull()
  await expect(files.need(path, 1000)).rejects.toMatchObject({ code: 'ERR_ARCHIVE_INVALID' })
})

test.each([
  ['a loop of links', 'loop'],
  ['a FIFO', 'fifo'],
  ['a directory', 'layer'],
  ['a name with a zero byte', 'layer/file\0'],
])('%s is refused, and nothing waits for it', async (_, path) => {
  await expect(files.read(path, 1000)).rejects.toMatchObject({ code: 'ERR_ARCHIVE_INVALID' })
})

test('a document that is too large is refused', async () => {
  await expect(files.read('layer/file', 3)).rejects.toMatchObject({ code: 'ERR_ARCHIVE_INVALID' })
})

test('the first bytes tell how a file is compressed', async () => {
  expect(await files.look('link')).toEqual({ size: 6, magic: Buffer.from('insi') })
})
