// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import { describe, expect, test } from 'vitest'
import { type ByteStream, isByteStream, openSource, readChunks } from '../../../src/layer/byte-source.js'

async function all(source: ByteStream): Promise<string> {
  const chunks = readChunks(source)
  let text = ''
  for (let chunk = await chunks.next(); chunk !== null; chunk = await chunks.next())
    text += Buffer.from(chunk).toString()
  return text
}

const bytes = [Buffer.from('one '), new Uint8Array([0x74, 0x77, 0x6f])]

describe('a stream of bytes', () => {
  test('may be Node’s, the web’s or anything that can be iterated', async () => {
    expect(await all(Readable.from(bytes, { objectMode: false }))).toBe('one two')
    expect(await all(ReadableStream.from(bytes))).toBe('one two')
    expect(
      await all(
        (async function* () {
          yield* bytes
        })(),
      ),
    ).toBe('one two')
    for (const none of ['path', 5, null, {}, [Buffer.from('x')]]) expect(isByteStream(none)).toBe(false)
  })

  test('that gives something else is refused', async () => {
    const strings = (async function* () {
      yield 'text'
    })() as never
    await expect(all(strings)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option: 'source' })
  })

  test('that hangs is told to stop, and not waited for', async () => {
    const stopped: string[] = []
    const web = new ReadableStream<Uint8Array>({ cancel: () => void stopped.push('web') })
    const node = new Readable({
      read: () => {},
      destroy: (_, done) => {
        stopped.push('node')
        done(null)
      },
    })
    const own = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>(() => {}),
        return: async () => ({ done: true as const, value: void stopped.push('own') }),
      }),
    }
    for (const source of [web, node, own] as ByteStream[]) {
      const chunks = readChunks(source)
      chunks.next().catch(() => {})
      chunks.stop()
    }
    await new Promise(setImmediate)
    expect(stopped.sort()).toEqual(['node', 'own', 'web'])
  })
})

test('a source that cannot be opened says so', async () => {
  await expect(openSource('/nowhere/at/all')).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT', errno: 'ENOENT' })
  await expect(openSource('/')).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option: 'source' })
  await expect(openSource('')).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  await expect(openSource({} as never)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
})
