// SPDX-License-Identifier: Apache-2.0
import { deferred } from '../util/deferred.js'
import type { OutputChunk, OutputName } from './output-log.js'
import type { LazyOutputStream } from './output-stream.js'

export const outputNames: readonly OutputName[] = ['stdout', 'stderr']

// Of both together: so that their order is known although the reader is slow.
const readAhead = 8

type Reader = ReadableStreamDefaultReader<Uint8Array>

/** What both streams are read into. */
class Arrivals {
  readonly chunks: OutputChunk[] = []
  #changed = deferred<void>()

  change(): void {
    this.#changed.resolve()
    this.#changed = deferred()
  }

  changed(): Promise<void> {
    return this.#changed.promise
  }

  add(chunk: OutputChunk): void {
    this.chunks.push(chunk)
    this.change()
  }
}

/** Both streams in order of arrival, read as fast as they are taken. Whoever leaves the loop leaves the rest in the streams. */
export async function* mergeOutputs(stream: (name: OutputName) => LazyOutputStream): AsyncGenerator<OutputChunk, void> {
  const arrivals = new Arrivals()
  const state: { left: boolean; ended?: { readonly error?: unknown } } = { left: false }
  const pump = async (name: OutputName, reader: Reader): Promise<void> => {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      if (state.left) return stream(name).giveBack(read.value)
      arrivals.add({ stream: name, chunk: read.value })
      while (arrivals.chunks.length >= readAhead && !state.left) await arrivals.changed()
      if (state.left) return
    }
  }
  const end = (ended: { readonly error?: unknown }) => {
    state.ended = ended
    arrivals.change()
  }
  const readers: Reader[] = []
  const pumps: Promise<void>[] = []
  try {
    for (const name of outputNames) readers.push(stream(name).getReader())
    pumps.push(...readers.map((reader, index) => pump(outputNames[index] as OutputName, reader)))
    Promise.all(pumps).then(
      () => end({}),
      (error) => end({ error }),
    )
    while (arrivals.chunks.length > 0 || !state.ended) {
      const next = arrivals.chunks.shift()
      arrivals.change()
      if (next) yield next
      else await arrivals.changed()
    }
    if ('error' in state.ended) throw state.ended.error
  } finally {
    state.left = true
    // What is being read at this moment comes behind it.
    for (const { stream: name, chunk } of arrivals.chunks) stream(name).giveBack(chunk)
    for (const reader of readers) reader.releaseLock()
    arrivals.change()
    await Promise.allSettled(pumps)
  }
}
