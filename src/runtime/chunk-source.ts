// SPDX-License-Identifier: Apache-2.0
import type { Readable } from 'node:stream'

const nothing = Buffer.alloc(0)

/** The chunks of a stream of Node that is opened when somebody first asks; what was taken and not used can be given back. */
export class ChunkSource {
  readonly #open: () => Readable
  #chunks: AsyncIterator<Uint8Array> | undefined
  #givenBack: Uint8Array = nothing
  #failure: { readonly error: unknown } | undefined

  constructor(open: () => Readable) {
    this.#open = open
  }

  /** Whether somebody has read of it. */
  get begun(): boolean {
    return this.#chunks !== undefined
  }

  /** The stream itself, for one who reads all of it. */
  whole(): Readable {
    return this.#open()
  }

  /** The next chunk, one call at a time; undefined at the end. */
  async next(): Promise<Uint8Array | undefined> {
    if (this.#givenBack.byteLength > 0) return this.#takeBack()
    if (this.#failure) throw this.#failure.error
    const next = await this.#read()
    // Given back while it was waited for: that comes first.
    return this.#givenBack.byteLength === 0 ? next : Buffer.concat([this.#takeBack(), next ?? nothing])
  }

  /** Comes next; of several calls in the order of the calls. */
  giveBack(bytes: Uint8Array): void {
    this.#givenBack = this.#givenBack.byteLength === 0 ? bytes : Buffer.concat([this.#givenBack, bytes])
  }

  /** Whoever writes is to stop. */
  async cancel(): Promise<void> {
    await this.#iterator().return?.()
  }

  async #read(): Promise<Uint8Array | undefined> {
    try {
      const { done, value } = await this.#iterator().next()
      return done ? undefined : value
    } catch (error) {
      if (this.#givenBack.byteLength === 0) throw error
      this.#failure = { error }
      return undefined
    }
  }

  #iterator(): AsyncIterator<Uint8Array> {
    this.#chunks ??= this.#open()[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
    return this.#chunks
  }

  #takeBack(): Uint8Array {
    const bytes = this.#givenBack
    this.#givenBack = nothing
    return bytes
  }
}
