// SPDX-License-Identifier: Apache-2.0
import { lstat, mkdtemp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { imageFromDirectory } from '../../../src/image/image-from-directory.js'
import type { ImageRecord } from '../../../src/image/image-record.js'
import { importImage } from '../../../src/image/import-image.js'
import { loadImage } from '../../../src/image/load-images.js'
import { prepareImage } from '../../../src/image/prepare-image.js'
import { debianTar } from '../../support/debian.js'
import { testNeeding } from '../../support/needs.js'
import { slow } from '../../support/slow.js'
import { type ImageStore, openImageStore } from './image-store.js'
import { run } from './rootfs.js'

let store: ImageStore
let other: ImageStore
let image: ImageRecord
// 170 MB and 5,000 files. Deleting them from a disk takes 20 seconds here, whoever does it: in memory it is nothing.
const openInMemory = async () => {
  const directory = await mkdtemp(join(process.env.TSC_TEST_ROOT ?? '/dev/shm', 'tscontainer-image-'))
  return await openImageStore({ root: join(directory, 'root'), runRoot: join(directory, 'run') })
}
const slowly = 180_000 * slow

beforeAll(async () => {
  store = await openInMemory()
  other = await openInMemory()
  image = await importImage(store, debianTar(), { tag: 'debian:import' })
}, slowly)
afterAll(async () => {
  await store.dispose()
  await other.dispose()
}, slowly)

const fsOf = async (at: ImageStore, of: ImageRecord) =>
  join(at.root, 'layers', (await prepareImage(at, of)).layers[0]!, 'fs')

/** Path → what a tar says of it: type, mode, size, target; not the owner, which depends on who imports. */
async function listing(...args: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const lines = (await run('tar', '--numeric-owner', ...args)).trimEnd().split('\n')
  const fields = lines.map(
    (line) => /^(\S+) \S+ +([\d,]+) \S+ \S+ (.*)$/.exec(line)!.slice(1) as [string, string, string],
  )
  return new Map(fields.map(([mode, size, name]) => [name.replace(/^\.\//, '').replace(/\/$/, ''), `${mode} ${size}`]))
}

test('a Debian root file system is unpacked as its tar says', async () => {
  const fs = await fsOf(store, image)
  expect(await readFile(join(fs, 'etc/debian_version'), 'utf8')).toMatch(/^12\./)
  expect((await lstat(join(fs, 'usr/bin/passwd'))).mode & 0o7777).toBe(0o4755)
  expect((await lstat(join(fs, 'tmp'))).mode & 0o7777).toBe(0o1777)
  const library = (await lstat(join(fs, 'usr/bin/perl'))).ino
  expect((await lstat(join(fs, 'usr/bin/perl5.36.0'))).ino).toBe(library)
})

testNeeding('root')('every entry of it has its type, mode, size and target', async () => {
  const before = await listing('-tvf', debianTar())
  const packed = join(store.directory, 'again.tar')
  await run('tar', '-C', await fsOf(store, image), '--sort=name', '-cf', packed, '.')
  const after = await listing('-tvf', packed)
  const differing = [...before].filter(
    // Which of several names of a file is the link depends on the order.
    ([name, what]) => after.get(name) !== what && !what.startsWith('h') && !after.get(name)?.startsWith('h'),
  )
  expect(differing).toEqual([])
  expect(before.size).toBeGreaterThan(3000)
})

test(
  'skopeo copies it to an archive for docker, from which it loads with the same layer',
  async () => {
    const archive = join(store.directory, 'docker.tar')
    await run(
      'skopeo',
      'copy',
      '-q',
      `oci:${store.root}:docker.io/library/debian:import`,
      `docker-archive:${archive}:debian:back`,
    )
    const loaded = await loadImage(other, archive)
    expect(loaded.tags).toEqual(['debian:back'])
    expect(loaded.layers[0]!.diffId).toBe(image.layers[0]!.diffId)
    expect(await readFile(join(await fsOf(other, loaded), 'etc/debian_version'), 'utf8')).toMatch(/^12\./)
  },
  slowly,
)

testNeeding('root')(
  'copied from the directory of its layer it is the same tree',
  async () => {
    const copy = await imageFromDirectory(other, await fsOf(store, image), { tag: 'debian:copy' })
    const sums = await Promise.all(
      [await fsOf(store, image), await fsOf(other, copy)].map((fs) =>
        run('sh', '-c', 'cd "$0" && tar --sort=name --numeric-owner -cf - * | sha256sum', fs),
      ),
    )
    expect(sums[1]).toBe(sums[0])
  },
  slowly,
)
