// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { mergeOutputs } from '../../../src/runtime/merge-outputs.js'
import { LazyOutputStream } from '../../../src/runtime/output-stream.js'

const streamOf = (...chunks: readonly (string | Uint8Array)[]): LazyOutputStream =>
  new LazyOutputStream(
    () =>
      Readable.from(
        chunks.map((chunk) => Buffer.from(chunk)),
        { objectMode: false },
      ),
    async () => {},
  )

const some = async <T>(loop: AsyncIterable<T>, count = Number.POSITIVE_INFINITY): Promise<T[]> => {
  const taken: T[] = []
  if (count === 0) return taken
  for await (const item of loop) {
    taken.push(item)
    if (taken.length === count) break
  }
  return taken
}

const rest = async (stream: AsyncIterable<Uint8Array>): Promise<string> =>
  Buffer.concat(await some<Uint8Array>(stream)).toString()

describe('leaving lines()', () => {
  test('leaves the others to the next loop, wherever the chunks are cut', async () => {
    const text = 'one\ntwo, a longer one\n\nfour äöü €𐍈\nfive without an end'
    const lines = text.split('\n')
    const bytes = Buffer.from(text)
    for (let size = 1; size <= bytes.length; size++) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      )
      for (let first = 0; first <= lines.length; first++) {
        const stream = streamOf(...chunks)
        const seen = [...(await some(stream.lines(), first)), ...(await some(stream.lines(), 1))]
        expect([...seen, ...(await some(stream.lines()))]).toEqual(lines)
      }
    }
  })

  test('leaves the bytes to any other reader', async () => {
    const make = async () => {
      const stream = streamOf('a\nb\nc', 'd\ne')
      expect(await some(stream.lines(), 1)).toEqual(['a'])
      return stream
    }
    expect(await rest(await make())).toBe('b\ncd\ne')
    expect(await rest((await make()).toNode())).toBe('b\ncd\ne')
    const reader = (await make()).getReader()
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('b\nc')
  })

  test('in the middle of a line that is too long splits no character', async () => {
    const long = '€'.repeat(500_000)
    const bytes = Buffer.from(long)
    const stream = streamOf(bytes.subarray(0, 1_200_001), bytes.subarray(1_200_001))
    const pieces = await some(stream.lines(), 1)
    expect(pieces.join('') + (await rest(stream))).toBe(long)
  })

  test('what is no UTF-8 is replaced, and nothing else is lost', async () => {
    const stream = streamOf(Buffer.from([0x61, 0xff, 0xe2]), Buffer.from([0x0a, 0x62, 0xf0, 0x9f]))
    expect(await some(stream.lines())).toEqual(['a\ufffd\ufffd', 'b\ufffd'])
  })
})

test('leaving a loop over chunks leaves the others, cancelling ends the stream', async () => {
  const source = Readable.from(
    ['a', 'b', 'c'].map((text) => Buffer.from(text)),
    { objectMode: false },
  )
  const stream = new LazyOutputStream(
    () => source,
    async () => {},
  )
  await some(stream, 1)
  expect(source.destroyed).toBe(false)
  expect(await some(stream, 1)).toEqual([Buffer.from('b')])
  await stream.cancel()
  expect(source.destroyed).toBe(true)
})

describe('leaving the loop over both streams', () => {
  const both = (chunks: number) => {
    const names = ['stdout', 'stderr'] as const
    const streams = new Map(
      names.map((name) => [name, streamOf(...Array.from({ length: chunks }, (_, i) => `${name} ${i}\n`))]),
    )
    return (name: 'stdout' | 'stderr') => streams.get(name) as LazyOutputStream
  }

  test('loses and mixes up nothing', async () => {
    const stream = both(30)
    const seen: Record<'stdout' | 'stderr', string> = { stdout: '', stderr: '' }
    for (let count = 1; ; count++) {
      const taken = await some(mergeOutputs(stream), count)
      for (const { stream: name, chunk } of taken) seen[name] += Buffer.from(chunk).toString()
      if (taken.length < count) break
    }
    for (const name of ['stdout', 'stderr'] as const)
      expect(seen[name]).toBe(Array.from({ length: 30 }, (_, i) => `${name} ${i}\n`).join(''))
  })

  test('leaves lines', async () => {
    const stream = both(5)
    await some(mergeOutputs(stream), 4)
    const lines = [...(await some(stream('stdout').lines())), ...(await some(stream('stderr').lines()))]
    expect(lines).toHaveLength(6)
    expect(lines).toContain('stdout 4')
  })

  test('while nothing comes does not wait for anything', async () => {
    const never = new Readable({ read() {} })
    const waiting = new LazyOutputStream(
      () => never,
      async () => {},
    )
    const first = streamOf('x')
    expect(
      await some(
        mergeOutputs((name) => (name === 'stdout' ? first : waiting)),
        1,
      ),
    ).toHaveLength(1)
    never.push('late\n')
    expect(await some(waiting.lines(), 1)).toEqual(['late'])
  })
})
