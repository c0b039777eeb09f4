// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { isWholeLibrary } from '../../../src/native/is-whole-library.js'
import { nativeFiles } from '../../../src/native/native-files.js'

const directory = mkdtempSync(join(tmpdir(), 'tsc-library-'))
afterAll(() => rmSync(directory, { recursive: true }))

test('a library is whole with its last byte, and with none less', () => {
  const { addon } = nativeFiles()
  const content = readFileSync(addon)
  const copy = join(directory, 'copy.node')
  expect(isWholeLibrary(addon)).toBe(true)
  for (const size of [0, 63, 64, 4096, content.length - 1]) {
    writeFileSync(copy, content.subarray(0, size))
    expect(isWholeLibrary(copy), `${size} bytes`).toBe(false)
  }
})
