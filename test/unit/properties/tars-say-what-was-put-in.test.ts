// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import { expect } from 'vitest'
import { buildTar, type TarItem } from '../../../src/layer/build-tar.js'
import { readTar } from '../../build/tar-reader.js'
import { holds } from '../../support/cases.js'
import { textOf } from './arbitraries.js'

const name = textOf(['a', 'ü', '😀', ' ', '\n', '=', '.', 'x'.repeat(97), 'y'.repeat(99), '/z'], 6)
  .map((text) => text.replaceAll(/[\0\ud800-\udfff]/gu, '').replaceAll(/^\/+|\/+$/g, ''))
  .filter((text) => text !== '')
const mode = fc.nat(0o7777)

const item: fc.Arbitrary<TarItem> = fc.oneof(
  fc.record({ type: fc.constant('file' as const), path: name, mode, data: fc.uint8Array({ maxLength: 1100 }) }),
  fc.record({ type: fc.constant('directory' as const), path: name, mode }),
  fc.record({ type: fc.constant('symlink' as const), path: name, target: name }),
)

const byPath = (one: { readonly path: string }, other: { readonly path: string }) =>
  Buffer.compare(Buffer.from(one.path), Buffer.from(other.path))

holds(
  'names of any length and kind, modes and contents are read as they were',
  fc.property(fc.uniqueArray(item, { selector: ({ path }) => path, maxLength: 4 }), (items) => {
    const tar = buildTar(items)
    expect(tar.length % 512).toBe(0)
    const read = readTar(tar).map(({ path, type, mode: bits, data, target }) => ({
      ...{ path: path.replace(/\/$/, ''), type },
      ...(type === 'symlink' ? { target } : { mode: bits }),
      ...(type === 'file' && { data: new Uint8Array(data) }),
    }))
    expect(read.sort(byPath)).toEqual([...items].sort(byPath))
  }),
)
