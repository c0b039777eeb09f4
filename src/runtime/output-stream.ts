// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream'
import type { ReadableStreamAsyncIterator } from 'node:stream/web'
import { ChunkSource } from './chunk-source.js'
import { LineSplitter } from './line-splitter.js'

/**
 * One stream of a process's output. Whoever leaves a loop over it leaves the rest to the next one, and the process waits meanwhile once its
 * pipe is full; `cancel()` and `values({ preventCancel: false })` close the pipe instead, which ends most of those who write on (SIGPIPE).
 */
export interface OutputStream extends ReadableStream<Uint8Array> {
  /** Line by line as UTF-8, without the newlines; a line of more than a mebibyte comes in pieces. Nothing is read ahead. */
  lines(): AsyncIterable<string>
  /** The same as a stream of Node; then this one is locked. */
  toNode(): Readable
}

interface Leaving {
  readonly preventCancel?: boolean
}

/** An {@link OutputStream} over a stream of Node that is opened when somebody first reads. */
export class LazyOutputStream extends ReadableStream<Uint8Array> implements OutputStream {
  readonly #source: ChunkSource

  /** `ended` is waited for at the end, and may say that this was none. */
  constructor(open: () => Readable, ended: () => Promise<void>) {
    const source = new ChunkSource(open)
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      const chunk = await source.next()
      if (chunk) return controller.enqueue(chunk)
      await ended()
      controller.close()
    }
    // Nothing is read before somebody asks.
    super({ pull, cancel: () => source.cancel() }, { highWaterMark: 0 })
    this.#source = source
  }

  override values(options: Leaving = { preventCancel: true }): ReadableStreamAsyncIterator<Uint8Array> {
    return super.values(options)
  }

  override [Symbol.asyncIterator](): ReadableStreamAsyncIterator<Uint8Array> {
    return this.values()
  }

  async *lines(): AsyncGenerator<string, void> {
    const reader = this.getReader()
    const splitter = new LineSplitter()
    let left = true
    try {
      for (let read = await reader.read(); !read.done; read = await reader.read()) yield* splitter.add(read.value)
      left = false
      const last = splitter.end()
      if (last !== '') yield last
    } finally {
      if (left) this.#source.giveBack(splitter.rest())
      reader.releaseLock()
    }
  }

  /** What was read of it and not used: the next reader begins with that. Only while nobody reads. */
  giveBack(bytes: Uint8Array): void {
    this.#source.giveBack(bytes)
  }

  toNode(): Readable {
    if (this.locked) throw new TypeError('the stream is being read already')
    if (this.#source.begun) return Readable.from(this.values({ preventCancel: false }), { objectMode: false })
    this.getReader()
    return this.#source.whole()
  }
}
