// SPDX-License-Identifier: Apache-2.0
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createPipe, type OwnedDescriptor } from '../native/descriptor.js'
import { createInput } from '../native/input.js'
import type { ExecOptions } from './exec-options.js'

type Source = ExecOptions['stdin']

/** The writing side of a process's input, where it has one. */
export class ProcessInput {
  readonly readEnd: OwnedDescriptor
  readonly #writeEnd: OwnedDescriptor
  readonly #source: Source
  #stream: Writable | undefined

  /** Undefined for a process that reads nothing. */
  static of(source: Source): ProcessInput | undefined {
    return source === undefined || source === 'ignore' ? undefined : new ProcessInput(source)
  }

  private constructor(source: Source) {
    const { readEnd, writeEnd } = createPipe()
    this.readEnd = readEnd
    this.#writeEnd = writeEnd
    this.#source = source
  }

  /** What is written here, the process reads. */
  writable(): Writable {
    this.#stream ??= createInput(this.#writeEnd)
    return this.#stream
  }

  /** The process is on its way: what it is to read is written as fast as it does. */
  begin(): void {
    if (this.#source !== 'pipe') feed(this.#source, this.writable())
  }

  /** Nobody reads any more. */
  close(): void {
    if (!this.readEnd.closed) this.readEnd.close()
    if (this.#stream) this.#stream.destroy()
    else if (!this.#writeEnd.closed) this.#writeEnd.close()
  }
}

/** Writes the source to its end. A reader that stops reading is no failure of ours: what it did is in its exit status. */
export function feed(source: Source, sink: Writable): void {
  sink.on('error', () => {})
  if (typeof source === 'string' || source instanceof Uint8Array) sink.end(source)
  else if (source !== undefined)
    pipeline(source instanceof Readable ? source : Readable.fromWeb(source as never), sink).catch(() => {})
}

/** The stream as users see it; a text is written as UTF-8. */
export function inputStream(open: () => Writable): WritableStream<string | Uint8Array> {
  const write = (chunk: string | Uint8Array) =>
    new Promise<void>((resolve, reject) => open().write(chunk, (error) => (error ? reject(error) : resolve())))
  const close = () => new Promise<void>((resolve) => open().end(resolve))
  return new WritableStream({ write, close, abort: (reason) => void open().destroy(reason) })
}
