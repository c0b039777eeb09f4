// SPDX-License-Identifier: Apache-2.0
import type { Readable, Writable } from 'node:stream'
import { createPipe, type OwnedDescriptor } from '../native/descriptor.js'
import { createInput } from '../native/input.js'
import { asReadable, type InputSource } from './process-input.js'

/** One writer of an input that others may write to as well. */
export class AttachedInput {
  readonly readEnd: OwnedDescriptor
  readonly stream: WritableStream<string | Uint8Array>
  readonly #writable: Writable
  readonly #sayEnd: () => Promise<unknown>
  #source: Readable | undefined

  /** `sayEnd`: says that the whole input ends with this writer. */
  constructor(sayEnd: () => Promise<unknown>) {
    const { readEnd, writeEnd } = createPipe()
    this.readEnd = readEnd
    this.#sayEnd = sayEnd
    this.#writable = createInput(writeEnd)
    this.#writable.on('error', () => {})
    this.stream = new WritableStream({
      write: (chunk) => this.#write(chunk),
      close: () => this.#end(),
      abort: () => void this.#writable.destroy(),
    })
  }

  /** For what is typed. */
  get writable(): Writable {
    return this.#writable
  }

  /** Writes it all, and ends the input. `onFailure`: the source broke off; the input is open then. */
  feed(source: InputSource, onFailure: (error: unknown) => void): void {
    const text = typeof source === 'string' || source instanceof Uint8Array
    const stream = text ? undefined : asReadable(source)
    this.#source = stream
    const all = async () => {
      if (stream) for await (const chunk of stream) await this.#write(chunk)
      else await this.#write(source as string | Uint8Array)
      await this.#end()
    }
    all().catch((error) => {
      // A reader that is gone is no failure of the source.
      if (stream?.errored && !this.#writable.destroyed) onFailure(error)
    })
  }

  /** Nothing more is written; the input stays as it is. */
  leave(): void {
    if (!this.readEnd.closed) this.readEnd.close()
    this.#source?.destroy()
    this.#writable.end()
  }

  #write(chunk: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => this.#writable.write(chunk, (error) => (error ? reject(error) : resolve())))
  }

  async #end(): Promise<void> {
    await this.#sayEnd()
    await new Promise<void>((resolve) => this.#writable.end(resolve))
  }
}
