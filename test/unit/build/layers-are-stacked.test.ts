// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { describeTree, stackLayers } from '../../build/stack-layers.js'
import { readTar } from '../../build/tar-reader.js'
import { type LayerEntry, tarOfEntries } from '../../support/layered-layout.js'

const none = { volatile: [], mtimes: [] }
const stacked = (...layers: (readonly LayerEntry[])[]) =>
  describeTree(stackLayers(layers.map((entries) => readTar(tarOfEntries(entries)))), none)

test('entries are described as the tar has them', () => {
  const tree = stacked([
    { path: 'd/', type: 'directory', mode: 0o2750, uid: 3, gid: 4 },
    { path: 'd/f', data: 'text\n', xattrs: { 'user.x': Buffer.from([0, 10]) } },
    { path: 'l', type: 'symlink', target: 'd/f', mode: 0o777 },
    { path: 'c', type: 'char', device: [1, 3] },
    { path: 'b', data: Buffer.from([0, 1, 2]) },
  ])
  expect(tree['/d']).toEqual({ type: 'directory', mode: '2750', uid: 3, gid: 4 })
  expect(tree['/d/f']).toMatchObject({ text: 'text\n', xattrs: { 'user.x': 'AAo=' } })
  expect(tree['/l']).toMatchObject({ type: 'symlink', target: 'd/f' })
  expect(tree['/c']).toMatchObject({ device: [1, 3] })
  expect(tree['/b']).toMatchObject({ size: 3, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
})

test('whiteouts take away what is below, opaque directories all that is', () => {
  const below: LayerEntry[] = [{ path: 'd/', type: 'directory' }, { path: 'd/a' }, { path: 'd/b' }, { path: 'f' }]
  expect(Object.keys(stacked(below, [{ path: '.wh.f' }, { path: 'd/.wh.a' }]))).toEqual(['/d', '/d/b'])
  expect(Object.keys(stacked(below, [{ path: 'd/new' }, { path: 'd/.wh..wh..opq' }]))).toEqual(['/d', '/d/new', '/f'])
  expect(Object.keys(stacked(below, [{ path: '.wh.d' }]))).toEqual(['/f'])
})

test('a file takes the place of a directory, a directory over a directory keeps its entries', () => {
  const below: LayerEntry[] = [{ path: 'd/', type: 'directory' }, { path: 'd/a' }]
  expect(Object.keys(stacked(below, [{ path: 'd' }]))).toEqual(['/d'])
  const merged = stacked(below, [{ path: 'd/', type: 'directory', mode: 0o700 }])
  expect(merged['/d']).toMatchObject({ mode: '0700' })
  expect(merged['/d/a']).toBeDefined()
})

test('hard links are one file, whichever of them is replaced later', () => {
  const linked: LayerEntry[] = [
    { path: 'a', data: '1' },
    { path: 'b', type: 'link', target: 'a' },
  ]
  expect(stacked(linked)).toMatchObject({ '/a': { links: '/a' }, '/b': { links: '/a', text: '1' } })
  const later = stacked(linked, [{ path: 'a', data: '2' }])
  expect(later['/b']).toMatchObject({ text: '1' })
  expect(later['/b']?.links).toBeUndefined()
})
