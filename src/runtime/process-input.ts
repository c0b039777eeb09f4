// SPDX-License-Identifier: Apache-2.0
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createPipe, type OwnedDescriptor } from '../native/descriptor.js'
import { createInput } from '../native/input.js'

/** What is written into a process, beside what is written by hand. */
export type InputSource = string | Uint8Array | StreamSource
/** A stream of Node or of the web. */
export type StreamSource = Readable | ReadableStream<Uint8Array | string>

/** The writing side of a process's input. */
export class ProcessInput {
  readonly readEnd: OwnedDescriptor
  readonly #writeEnd: OwnedDescriptor
  readonly #source: InputSource | undefined
  #stream: Writable | undefined

  /** Without a source it is written by hand. */
  constructor(source: InputSource | undefined) {
    const { readEnd, writeEnd } = createPipe()
    this.readEnd = readEnd
    this.#writeEnd = writeEnd
    this.#source = source
  }

  /** What is written here, the process reads. */
  writable(): Writable {
    if (this.#stream) return this.#stream
    this.#stream = createInput(this.#writeEnd)
    // Whoever writes is told by the write itself; a reader that reads no more is nothing that could end this program.
    this.#stream.on('error', () => {})
    return this.#stream
  }

  /** The process is on its way: what it is to read is written as fast as it does. `onFailure`: the source broke off. */
  begin(onFailure: (error: unknown) => void): void {
    if (this.#source !== undefined) feed(this.#source, this.writable(), onFailure)
  }

  /** Nobody reads any more. */
  close(): void {
    if (!this.readEnd.closed) this.readEnd.close()
    if (this.#stream) this.#stream.destroy()
    else if (!this.#writeEnd.closed) this.#writeEnd.close()
  }
}

/**
 * Writes the source to its end. A reader that stops reading is no failure of ours: what it did is in its exit status. One of the source
 * is: what the process has read was not all.
 */
export function feed(source: InputSource, sink: Writable, onFailure: (error: unknown) => void = () => {}): void {
  sink.on('error', () => {})
  if (typeof source === 'string' || source instanceof Uint8Array) {
    sink.end(source)
    return
  }
  const stream = asReadable(source)
  let broken: { readonly error: unknown } | undefined
  stream.once('error', (error) => {
    // What we do to it when the reader goes is no failure of its own.
    if (!sink.destroyed) broken = { error }
  })
  pipeline(stream, sink).catch(() => {
    if (broken) onFailure(broken.error)
  })
}

export function asReadable(source: StreamSource): Readable {
  return source instanceof Readable ? source : Readable.fromWeb(source as never)
}

/** The stream as users see it; a text is written as UTF-8. */
export function inputStream(open: () => Writable): WritableStream<string | Uint8Array> {
  const write = (chunk: string | Uint8Array) =>
    new Promise<void>((resolve, reject) => open().write(chunk, (error) => (error ? reject(error) : resolve())))
  const close = () => new Promise<void>((resolve) => open().end(resolve))
  return new WritableStream({ write, close, abort: (reason) => void open().destroy(reason) })
}
