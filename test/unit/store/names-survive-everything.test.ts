// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseIndex } from '../../../src/oci/image-index.js'
import { hostAnnotation } from '../../../src/store/image-names.js'
import { openStore, putImage } from './scratch-store.js'

const debian = 'docker.io/library/debian:bookworm'
const alpine = 'docker.io/library/alpine:latest'

describe('names of images', () => {
  it('are given, moved and taken away', async () => {
    const store = await openStore()
    const [one, two] = [(await putImage(store, 'one')).descriptor, (await putImage(store, 'two')).descriptor]
    expect(await store.images.list()).toEqual([])
    await store.images.set(debian, one)
    await store.images.set(alpine, one)
    expect((await store.images.get(debian))?.digest).toBe(one.digest)
    expect(await store.images.namesOf(one.digest)).toEqual([debian, alpine])
    await store.images.set(debian, two)
    expect((await store.images.get(debian))?.digest).toBe(two.digest)
    expect(await store.images.namesOf(one.digest)).toEqual([alpine])
    expect((await store.images.remove(alpine))?.digest).toBe(one.digest)
    expect(await store.images.remove(alpine)).toBeUndefined()
    expect((await store.images.list()).map(({ name }) => name)).toEqual([debian])
  })

  it('are not written again where they are what they are to be', async () => {
    const store = await openStore()
    const { descriptor } = await putImage(store, 'one')
    const platform = { os: 'linux', architecture: 'amd64' }
    await store.images.set(debian, { ...descriptor, platform })
    const inode = async () => (await stat(store.paths.index)).ino
    const before = await inode()
    await store.images.set(debian, { ...descriptor, platform, annotations: undefined })
    expect(await inode()).toBe(before)
    await store.images.set(debian, { ...descriptor, platform: { ...platform, variant: 'v3' } })
    expect((await store.images.get(debian))?.platform?.variant).toBe('v3')
  })

  it('can be missing, until there is one', async () => {
    const store = await openStore()
    const { descriptor } = await putImage(store, 'one')
    await store.images.set(null, { ...descriptor, annotations: { [hostAnnotation]: 'true' } })
    await store.images.set(null, descriptor)
    expect(await store.images.list()).toMatchObject([
      { name: null, descriptor: { annotations: { [hostAnnotation]: 'true' } } },
    ])
    await store.images.set(debian, descriptor)
    await store.images.set(alpine, descriptor)
    expect((await store.images.list()).map(({ name }) => name)).toEqual([debian, alpine])
    expect(await store.images.removeImage(descriptor.digest)).toEqual([debian, alpine])
    expect(await store.images.list()).toEqual([])
  })

  it('are all there when many processes and callers write at once', async () => {
    const store = await openStore()
    const others = await Promise.all([openStore(store.paths.root), openStore(store.paths.root)])
    const { descriptor } = await putImage(store, 'one')
    const names = Array.from({ length: 30 }, (_, i) => `docker.io/library/n${i}:latest`)
    await Promise.all(names.map((name, i) => [store, ...others][i % 3]?.images.set(name, descriptor)))
    expect((await store.images.namesOf(descriptor.digest)).toSorted()).toEqual(names.toSorted())
    expect(parseIndex(await readFile(store.paths.index)).manifests).toHaveLength(30)
  })

  it.each([
    ['truncated', (path: string) => truncate(path, 40)],
    ['empty', (path: string) => truncate(path, 0)],
    ['zeroed', (path: string) => writeFile(path, Buffer.alloc(300))],
    ['of another kind', (path: string) => writeFile(path, '{"schemaVersion":2,"config":{},"layers":[]}')],
    ['a symlink', (path: string) => rm(path).then(() => symlink('/etc/passwd', path))],
    ['a FIFO', (path: string) => rm(path).then(() => execFileSync('mkfifo', [path]))],
  ])('an index that is %s is put aside once, and the store goes on', async (_, damage) => {
    const store = await openStore()
    const image = await putImage(store, 'one')
    await store.images.set(debian, image.descriptor)
    await damage(store.paths.index)
    await expect(store.images.list()).rejects.toMatchObject({ code: 'ERR_STORE_CORRUPT', object: store.paths.index })
    expect(await store.images.list()).toEqual([])
    for (const digest of image.blobs) expect(await store.blobs.size(digest)).toBeGreaterThan(0)
    await store.images.set(alpine, image.descriptor)
    expect(await store.images.namesOf(image.descriptor.digest)).toEqual([alpine])
    const aside = (await readdir(store.paths.root)).filter((name) => name.startsWith('index.json.damaged-'))
    expect(aside).toHaveLength(1)
    // The lost names may have been all that kept these blobs.
    const collect = () => store.collect({ graceMs: 0, removeLayer: async () => {} })
    await expect(collect()).rejects.toMatchObject({
      code: 'ERR_STORE_CORRUPT',
      object: join(store.paths.root, aside[0] ?? ''),
    })
    await rm(join(store.paths.root, aside[0] ?? ''))
    expect((await collect()).blobs).toEqual([])
  })

  it('a change that finds a damaged index fails too, and loses nothing', async () => {
    const store = await openStore()
    const { descriptor } = await putImage(store, 'one')
    await writeFile(store.paths.index, 'nonsense')
    const attempts = await Promise.allSettled(
      Array.from({ length: 5 }, (_, i) => store.images.set(`docker.io/x/n${i}:1`, descriptor)),
    )
    expect(attempts.filter(({ status }) => status === 'rejected')).toHaveLength(1)
    expect(await store.images.list()).toHaveLength(4)
  })
})
