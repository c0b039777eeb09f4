// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BuildOptions, Container, Image } from '../../../src/index.js'
import { type FileServer, serveFiles } from '../../build/serve-files.js'
import { tarOfEntries } from '../../support/layered-layout.js'
import { useTestEngine } from '../../support/test-engine.js'
import { makeRootfs, makeTar } from '../image/rootfs.js'

const host = useTestEngine()
const box = '/bin/busybox'
let server: FileServer

const text = 'FROM base:1\nCOPY . /all/\n'
const archive = tarOfEntries([
  { path: 'Dockerfile', data: text },
  { path: 'sub/file', data: 'in the archive\n' },
  { path: '.dockerignore', data: 'Dockerfile\n.dockerignore\n' },
])

beforeAll(async () => {
  const rootfs = await makeRootfs(join(host.directory, 'rootfs'))
  await Image.import(await makeTar(rootfs, join(host.directory, 'rootfs.tar')), { engine: host.engine, tag: 'base:1' })
  const xz = join(host.directory, 'xz')
  mkdirSync(xz)
  writeFileSync(join(xz, 'x'), 'x')
  server = await serveFiles({
    '/context.tar': { content: archive },
    '/download?id=7': { content: gzipSync(archive) },
    '/Dockerfile.txt': { content: 'FROM base:1\nRUN echo alone > /alone\n' },
    '/context.tar.xz': { content: execFileSync('tar', ['-cJC', xz, '.']) },
  })
})
afterAll(() => server.close())

const build = (options: BuildOptions) => Image.build({ engine: host.engine, ...options })
const see = async (image: Image, ...argv: readonly string[]) =>
  (await Container.runOnce(image, argv, { engine: host.engine, network: 'none' })).stdout

test('an archive on the web is a context, packed or not, and is known by what is in it', async () => {
  const plain = await build({ context: `http://${server.address}/context.tar` })
  const packed = await build({ context: `http://${server.address}/download?id=7` })
  expect(packed.id).toBe(plain.id)
  expect(await see(plain, box, 'find', '/all', '-type', 'f')).toBe('/all/sub/file\n')
})

test('a text on the web is the Dockerfile, whatever it is called', async () => {
  const image = await build({ context: `http://${server.address}/Dockerfile.txt`, dockerfile: 'other' })
  expect(await see(image, box, 'cat', '/alone')).toBe('alone\n')
})

test('an address has a name among the contexts, too', async () => {
  const image = await build({
    dockerfileText: 'FROM base:1\nCOPY --from=files /sub/file /\n',
    contexts: { files: `http://${server.address}/context.tar` },
  })
  expect(await see(image, box, 'cat', '/file')).toBe('in the archive\n')
})

test.each([
  ['nothing', '/nothing', 'ERR_ADD_FAILED'],
  ['an archive by xz', '/context.tar.xz', 'ERR_UNSUPPORTED'],
])('an address with %s is an error with a code', async (_what, path, code) => {
  await expect(build({ context: `http://me:hush@${server.address}${path}` })).rejects.toMatchObject({
    code,
    message: expect.not.stringContaining('hush'),
  })
})
