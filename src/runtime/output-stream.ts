// SPDX-License-Identifier: Apache-2.0
import type { Readable } from 'node:stream'

/** One stream of a process's output. */
export interface OutputStream extends ReadableStream<Uint8Array> {
  /** Line by line as UTF-8, without the newlines; a line of more than a mebibyte comes in pieces. Nothing is read ahead. */
  lines(): AsyncIterable<string>
  /** The same as a stream of Node; then this one is locked. */
  toNode(): Readable
}

const longestPiece = 1_048_576

// What has come of a line so far: joined once, however many pieces it is.
class Line {
  #parts: string[] = []
  length = 0

  add(part: string): void {
    if (part === '') return
    this.#parts.push(part)
    this.length += part.length
  }

  take(): string {
    const line = this.#parts.join('')
    this.#parts = []
    this.length = 0
    return line
  }
}

/** An {@link OutputStream} over a stream of Node that is opened when somebody first reads. */
export class LazyOutputStream extends ReadableStream<Uint8Array> implements OutputStream {
  readonly #open: () => Readable

  /** `ended` is waited for at the end, and may say that this was none. */
  constructor(open: () => Readable, ended: () => Promise<void>) {
    let chunks: AsyncIterator<Uint8Array> | undefined
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      chunks ??= open()[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
      const { done, value } = await chunks.next()
      if (!done) return controller.enqueue(value)
      await ended()
      controller.close()
    }
    const cancel = async (): Promise<void> => {
      chunks ??= open()[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
      await chunks.return?.()
    }
    // Nothing is read before somebody asks.
    super({ pull, cancel }, { highWaterMark: 0 })
    this.#open = open
  }

  async *lines(): AsyncGenerator<string, void> {
    const decoder = new TextDecoder()
    const line = new Line()
    for await (const chunk of this) {
      const [first = '', ...others] = decoder.decode(chunk, { stream: true }).split('\n')
      line.add(first)
      for (const next of others) {
        yield line.take()
        line.add(next)
      }
      if (line.length >= longestPiece) yield line.take()
    }
    line.add(decoder.decode())
    if (line.length > 0) yield line.take()
  }

  toNode(): Readable {
    if (this.locked) throw new TypeError('the stream is being read already')
    this.getReader()
    return this.#open()
  }
}
