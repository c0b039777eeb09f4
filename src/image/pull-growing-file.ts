// SPDX-License-Identifier: Apache-2.0
import type { FileHandle } from 'node:fs/promises'
import { type Digest, Digester, digestParts } from '../oci/digest.js'

// Hashing this much takes the event loop a sixth of a millisecond.
const chunkBytes = 256 * 1024

interface GrowingFileOptions {
  /** Says which algorithm to hash with. */
  readonly digest: Digest
  /** Bytes that it is going to have. */
  readonly size: number
  /** Bytes that are there already. */
  readonly available: number
  /** Called when there is more, and when more was read. */
  readonly onProgress: (file: GrowingFile) => void
}

/** A file that is read while it grows at its end; what is read is hashed. */
export class GrowingFile {
  readonly #file: FileHandle
  readonly #digester: Digester
  readonly #onProgress: (file: GrowingFile) => void
  readonly #size: number
  #available: number
  #ended = false
  #rewritten = false
  #failure: { readonly error: unknown } | undefined
  #waiting: (() => void) | undefined
  #turn: Promise<unknown> = Promise.resolve()
  readonly #buffer = Buffer.allocUnsafeSlow(chunkBytes)

  constructor(file: FileHandle, { digest, size, available, onProgress }: GrowingFileOptions) {
    this.#file = file
    this.#size = size
    this.#available = available
    this.#onProgress = onProgress
    this.#digester = new Digester(digestParts(digest).algorithm)
  }

  /** Bytes that can be read. */
  get available(): number {
    return this.#available
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#digester.size
  }

  /** That many more bytes are there by now. */
  grow(count: number): void {
    this.#available += count
    this.#wake()
    this.#onProgress(this)
  }

  /** It was emptied, to be written anew: what was read before should come again. */
  restart(): void {
    this.#available = 0
    this.#rewritten = true
  }

  /** Whether it was written anew: then the digest says nothing of what is in it now. */
  get rewritten(): boolean {
    return this.#rewritten
  }

  /** Nothing more comes. */
  end(): void {
    this.#ended = true
    this.#wake()
  }

  /** Nothing more comes, for that reason: whoever reads gets it. */
  fail(error: unknown): void {
    this.#failure ??= { error }
    this.#wake()
  }

  /** What comes next, to the end; each chunk is good until the next is asked for. Another loop goes on where the one before was left. */
  async *chunks(): AsyncGenerator<Uint8Array, void> {
    for (let chunk = await this.#next(); chunk; chunk = await this.#next()) yield chunk
  }

  /** The digest of everything that was read; ends it. */
  digest(): Digest {
    return this.#digester.digest()
  }

  // A loop that was left may still have a read under way: it comes first, so that nothing is hashed twice.
  #next(): Promise<Uint8Array | null> {
    const chunk = this.#turn.then(() => this.#read())
    this.#turn = chunk.catch(() => {})
    return chunk
  }

  async #read(): Promise<Uint8Array | null> {
    for (;;) {
      if (this.#failure) throw this.#failure.error
      const there = Math.min(chunkBytes, this.#available - this.position)
      // What comes in small pieces is read in large ones.
      const worth = this.#ended ? 1 : Math.max(1, Math.min(chunkBytes, this.#size - this.position))
      const chunk = there >= worth ? await this.#readChunk(there) : null
      if (chunk) return chunk
      if (this.#ended) return null
      await this.#change()
    }
  }

  // Null where the file is shorter than was said: it was emptied a moment ago, or its digest is going to tell.
  async #readChunk(wanted: number): Promise<Uint8Array | null> {
    const { bytesRead } = await this.#file.read(this.#buffer, 0, wanted, this.position)
    if (bytesRead === 0) return null
    const chunk = this.#buffer.subarray(0, bytesRead)
    this.#digester.update(chunk)
    this.#onProgress(this)
    return chunk
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = resolve
    })
  }

  #wake(): void {
    this.#waiting?.()
    this.#waiting = undefined
  }
}
