// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { watch } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { importImage } from '../../../src/image/import-image.js'
import { listImages } from '../../../src/image/list-images.js'
import { prepareImage } from '../../../src/image/prepare-image.js'
import { reclaimImages } from '../../../src/image/reclaim-images.js'
import { removeImage } from '../../../src/image/remove-image.js'
import { type ImageStore, openImageStore } from './image-store.js'
import { makeRootfs, makeTar } from './rootfs.js'

let directory: string
let runRoot: string
let store: ImageStore
let tar: string
beforeAll(async () => {
  directory = await mkdtemp(join(process.env.TSC_TEST_ROOT ?? tmpdir(), 'tscontainer-once-'))
  runRoot = join(directory, 'run')
  store = await openImageStore({ root: join(directory, 'root'), runRoot })
  tar = await makeTar(await makeRootfs(join(directory, 'rootfs')), join(directory, 'rootfs.tar'))
})
afterAll(() => store.dispose())

function start(...args: readonly string[]): { child: ChildProcess; line: Promise<string> } {
  const tsx = join(import.meta.dirname, '../../../node_modules/tsx/dist/loader.mjs')
  const program = join(import.meta.dirname, 'image-process.ts')
  const child = spawn(process.execPath, ['--import', tsx, program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const line = once(child.stdout!, 'data').then(([data]) => String(data).trim())
  return { child, line }
}

/** The staging directories that come to be while `work` runs. */
async function stagingDuring(work: () => Promise<void>): Promise<ReadonlySet<string>> {
  const names = new Set<string>()
  const watcher = watch(join(store.root, 'tmp'), (_, name) => {
    if (name?.startsWith('layer-')) names.add(name)
  })
  await work()
  await new Promise((resolve) => setTimeout(resolve, 50))
  watcher.close()
  return names
}

async function forget(diffId: string): Promise<void> {
  await (await store.connection()).request('layer.remove', { layer: diffId.slice('sha256:'.length) })
}

test('by ten processes at once, one layer is unpacked once', async () => {
  const image = await importImage(store, tar, { tag: 'shared' })
  await forget(image.layers[0]!.diffId)
  const names = await stagingDuring(async () => {
    const children = Array.from({ length: 10 }, () => start('prepare', store.root, runRoot, 'shared'))
    const exits = children.map(({ child }) => once(child, 'exit'))
    for (const { line } of children) expect(await line).toBe(image.layers[0]!.diffId.slice(7))
    for (const exit of exits) expect((await exit)[0]).toBe(0)
  })
  expect(names.size).toBe(1)
  expect(await readdir(join(store.root, 'tmp'))).toEqual([])
})

test('by many calls at once, one layer is unpacked once; who aborts stops nobody else', async () => {
  const image = await importImage(store, tar, { tag: 'shared' })
  await forget(image.layers[0]!.diffId)
  const names = await stagingDuring(async () => {
    const abort = new AbortController()
    const waiting = Array.from({ length: 5 }, () => prepareImage(store, image))
    const aborted = prepareImage(store, image, abort.signal)
    abort.abort(new Error('never mind'))
    await expect(aborted).rejects.toThrow('never mind')
    await Promise.all(waiting)
  })
  expect(names.size).toBe(1)
})

test('a layer directory without a valid record is made again', async () => {
  const image = await importImage(store, tar, { tag: 'damaged' })
  const layer = join(store.root, 'layers', image.layers[0]!.diffId.slice(7))
  await writeFile(join(layer, 'layer.json'), '{"diffId":')
  await rm(join(layer, 'fs/bin'), { recursive: true })
  const { layers } = await prepareImage(store, image)
  expect(await readdir(join(store.root, 'layers', layers[0]!, 'fs'))).toContain('bin')
})

test('kill -9 in the middle of an import leaves nothing for the next opening', async () => {
  for (const image of await listImages(store)) await removeImage(store, image)
  expect(await store.contents()).toEqual([])
  const { child, line } = start('import', store.root, runRoot, tar)
  expect(await line).toBe('waiting')
  // Content that is there already, as the first layers of a load are.
  await store.store.blobs.put('content without a name')
  const before = await store.contents()
  expect(before).toHaveLength(3)
  // It is alive: its things are its own.
  await reclaimImages(store)
  expect(await store.contents()).toEqual(before)
  child.kill('SIGKILL')
  await once(child, 'exit')
  await reclaimImages(store)
  expect(await store.contents()).toEqual([])
  expect((await readdir(join(store.root, 'cache'))).filter((name) => name.startsWith('adding'))).toEqual([])
})

test('content of others that has no name yet is left alone where nothing of ours crashed', async () => {
  const { digest } = await store.store.blobs.put('skopeo is writing this')
  await reclaimImages(store)
  expect(await store.store.blobs.size(digest)).toBe(22)
  await store.store.blobs.remove(digest)
})
