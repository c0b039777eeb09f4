// SPDX-License-Identifier: Apache-2.0
import { symlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { digestOf } from '../../../src/oci/digest.js'
import type { Store } from '../../../src/store/store.js'
import { openStore } from './scratch-store.js'

// A link to itself fails with ELOOP, as a disk that breaks fails with EIO.
const digest = digestOf('hello')
const loop = async (path: string) => await symlink(basename(path), path)

const places: readonly [string, (store: Store) => string, (store: Store) => Promise<unknown>][] = [
  ['a blob that is claimed', ({ blobs }) => blobs.path(digest), ({ blobs }) => blobs.claim(digest)],
  ['a blob that is asked for', ({ blobs }) => blobs.path(digest), ({ blobs }) => blobs.size(digest)],
  [
    'a layer that is listed',
    ({ paths, blobs }) => join(paths.layers, basename(blobs.path(digest))),
    ({ layers }) => layers.list(),
  ],
]

describe('what cannot be looked at', () => {
  it.each(places)('%s: its path and the errno are told', async (_, pathOf, look) => {
    const store = await openStore()
    const path = pathOf(store)
    expect(dirname(path)).toContain(dirname(store.paths.tmp))
    await loop(path)
    await expect(look(store)).rejects.toMatchObject({ code: 'ERR_NATIVE', errno: 'ELOOP', object: path })
  })
})
