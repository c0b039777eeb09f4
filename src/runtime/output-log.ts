// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream'

/** The two streams of a process. */
export type OutputName = 'stdout' | 'stderr'

/** A piece of output, and where it came from. */
export interface OutputChunk {
  /** Where it was written. */
  readonly stream: OutputName
  /** As many bytes as came at once; a character may be cut. */
  readonly chunk: Uint8Array
}

/** What a process wrote, in order of arrival, kept for its result and for everybody who comes to read it. */
export class OutputLog {
  readonly #chunks: OutputChunk[] = []
  readonly #ended = new Set<OutputName>()
  #waiting: (() => void)[] = []
  #failure: { readonly error: unknown } | undefined
  #bytes = 0

  /** Of both streams together. */
  get bytes(): number {
    return this.#bytes
  }

  add(stream: OutputName, chunk: Uint8Array): void {
    this.#bytes += chunk.byteLength
    this.#chunks.push({ stream, chunk })
    this.#wake()
  }

  end(stream: OutputName): void {
    this.#ended.add(stream)
    this.#wake()
  }

  /** Readers get what there is, then the error. */
  fail(error: unknown): void {
    this.#failure ??= { error }
    this.#wake()
  }

  collect(stream: OutputName): Buffer {
    const chunks = this.#chunks.filter((entry) => entry.stream === stream).map(({ chunk }) => chunk)
    return chunks.length === 1 ? Buffer.from(chunks[0] as Uint8Array) : Buffer.concat(chunks)
  }

  /** Everything from the beginning on, and what still comes. */
  async *read(only?: OutputName): AsyncGenerator<OutputChunk, void> {
    for (let next = 0; ; ) {
      for (let entry = this.#chunks[next]; entry !== undefined; entry = this.#chunks[next]) {
        next++
        if (only === undefined || entry.stream === only) yield entry
      }
      if (this.#failure) throw this.#failure.error
      if (only === undefined ? this.#ended.size === 2 : this.#ended.has(only)) return
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  /** One stream of it, from the beginning on. */
  readable(stream: OutputName): Readable {
    const log = this.read(stream)
    const chunks = async function* () {
      for await (const { chunk } of log) yield chunk
    }
    return Readable.from(chunks(), { objectMode: false })
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }
}
