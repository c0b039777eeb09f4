// SPDX-License-Identifier: Apache-2.0
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { GrowingFile } from '../../../src/image/pull-growing-file.js'
import { digestOf } from '../../../src/oci/digest.js'

let directory: string
let file: FileHandle
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tsc-growing-'))
  file = await open(join(directory, 'file'), 'w+')
})
afterEach(async () => {
  await file.close()
  await rm(directory, { recursive: true })
})

const growing = (available = 0, size = 0) =>
  new GrowingFile(file, { digest: digestOf(''), size, available, onProgress: () => {} })
const text = async (chunks: AsyncIterable<Uint8Array>): Promise<string> => {
  let all = ''
  for await (const chunk of chunks) all += Buffer.from(chunk).toString()
  return all
}

test('what is there, and what comes', async () => {
  await file.write('there ')
  const grown = growing(6)
  const reading = text(grown.chunks())
  await file.write('comes')
  grown.grow(5)
  grown.end()
  expect(await reading).toBe('there comes')
  expect(grown.digest()).toBe(digestOf('there comes'))
})

test('a second loop goes on where the first was left, and each byte is hashed once', async () => {
  const grown = growing()
  const first = grown.chunks()
  const waiting = first.next()
  const rest = text(grown.chunks())
  await file.write('one')
  grown.grow(3)
  expect(Buffer.from((await waiting).value ?? []).toString()).toBe('one')
  await first.return()
  await file.write('two')
  grown.grow(3)
  grown.end()
  expect(await rest).toBe('two')
  expect(grown.digest()).toBe(digestOf('onetwo'))
})

test('what comes byte by byte is read in large pieces', async () => {
  const content = Buffer.alloc(600_000, 'x')
  await file.write(content)
  const grown = growing(0, content.length)
  const sizes: number[] = []
  const reading = (async () => {
    for await (const chunk of grown.chunks()) sizes.push(chunk.length)
  })()
  for (let index = 0; index < 600; index++) {
    grown.grow(1000)
    if (index % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  grown.end()
  await reading
  expect(sizes).toEqual([262_144, 262_144, 600_000 - 2 * 262_144])
})

test('a failure reaches whoever waits', async () => {
  const grown = growing()
  const reading = text(grown.chunks())
  grown.fail(new Error('the registry is gone'))
  await expect(reading).rejects.toThrow('the registry is gone')
})

test('a file that was emptied is waited for, and known as written anew', async () => {
  await file.write('abc')
  const grown = growing(3)
  const reading = text(grown.chunks())
  await new Promise((resolve) => setTimeout(resolve, 20))
  await file.truncate(0)
  grown.restart()
  await file.write('abcdef', 0)
  grown.grow(6)
  grown.end()
  expect(await reading).toBe('abcdef')
  expect(grown.rewritten).toBe(true)
})
