// SPDX-License-Identifier: Apache-2.0
// security.md, Build: COPY ../x and /abs, context symlinks to the host, a context that changes while it is read, stubs and links of images.
import { lstat, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { digestSource } from '../../../src/build/context/digest-source.js'
import { openDirectoryContext } from '../../../src/build/context/open-directory-context.js'
import { copyStep } from '../../../src/build/steps/copy-step.js'
import { copyFiles, copyFrom, layerOf, listLayer, times } from '../../integration/build/build-files.js'
import { type ImageStore, openImageStore } from '../../integration/image/image-store.js'

let store: ImageStore
let path: string
let canary: string

beforeAll(async () => {
  store = await openImageStore()
  path = join(store.directory, 'context')
  canary = join(store.directory, 'canary')
  await mkdir(join(path, 'dir'), { recursive: true })
  await writeFile(canary, 'canary')
  await symlink(canary, join(path, 'absolute'))
  await symlink('../canary', join(path, 'relative'))
  await symlink('..', join(path, 'up'))
  await symlink('/proc/self/root', join(path, 'magic'))
})
afterAll(() => store.dispose())

// Never through a link: it is the copy that is looked at.
const copiedAs = async (file: string) => ((await lstat(file)).isSymbolicLink() ? 'link' : await readFile(file, 'utf8'))

test.each([
  '../canary',
  '/../canary',
  'dir/../../canary',
  'absolute',
  'relative',
  'up/canary',
  'magic/etc/hostname',
  'up/../canary',
])('the source %s does not leave the context', async (source) => {
  const context = openDirectoryContext(path)
  const copied = copyFrom(store, context, { sources: [source], destination: '/x' })
  await expect(copied).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' })
  await context.close()
})

test('wildcards find nothing outside', async () => {
  const context = openDirectoryContext(path)
  const layer = await copyFrom(store, context, {
    sources: ['../can*', 'up/can*', '**/canary', 'magic/et?/hostname'],
    destination: '/x/',
  })
  expect(await listLayer(store, layer)).toEqual([])
  await context.close()
})

test('a target whose links lead to the host is written inside the layer', async () => {
  const base = await layerOf(store, { out: { link: store.directory }, up: { link: '../../../..' } })
  const files = { canary: 'overwritten' }
  await copyFiles(store, files, { layers: [base], sources: ['canary'], destination: '/out/' })
  await copyFiles(store, files, { layers: [base], sources: ['canary'], destination: join('/up', canary) })
  expect(await readFile(canary, 'utf8')).toBe('canary')
})

test('a name that deletes in layers is refused', async () => {
  const copied = copyFiles(store, { 'd/.wh.etc': '' }, { sources: ['d'], destination: '/' })
  await expect(copied).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
})

test('files that are not what the decision was about are not copied', async () => {
  const context = openDirectoryContext(path)
  await writeFile(join(path, 'dir/file'), 'decided')
  const selection = { sources: ['dir'] }
  const { digest } = await digestSource(store, context, selection)
  await writeFile(join(path, 'dir/file'), 'swapped')
  const sources = [{ source: context, selection, expected: digest }]
  const copied = copyStep(store, { layers: [], sources, destination: '/', times })
  await expect(copied).rejects.toMatchObject({ code: 'ERR_CONTEXT_CHANGED' })
  await context.close()
})

test('a context that is exchanged all the time is copied as it was at some moment of its own, or not at all', async () => {
  await mkdir(join(path, 'race'))
  const place = join(path, 'race/it')
  await writeFile(place, 'mine')
  let over = false
  const exchange = (async () => {
    for (let round = 0; !over; round++) {
      const next = join(path, `next-${round}`)
      if (round % 2 === 0) await symlink(canary, next)
      else await writeFile(next, 'mine')
      await rename(next, place)
    }
  })()
  const context = openDirectoryContext(path)
  try {
    for (let round = 0; round < 30; round++) {
      const done = await copyFrom(store, context, { sources: ['race'], destination: '/r' }).then(
        (layer) => copiedAs(join(store.store.paths.layer(layer), 'fs/r/it')),
        (error) => error.code,
      )
      expect(['mine', 'link', 'ERR_CONTEXT_CHANGED']).toContain(done)
    }
  } finally {
    over = true
    await exchange
    await context.close()
    await rm(join(path, 'race'), { recursive: true })
  }
})
