// SPDX-License-Identifier: Apache-2.0
import type { FileHandle } from 'node:fs/promises'
import { EngineError } from '../errors/engine-error.js'
import type { Descriptor } from '../oci/descriptor.js'

/** What a blob is written to, and who is told. */
export interface BlobTarget {
  readonly file: FileHandle
  readonly offset: number
  readonly onBytes?: ((count: number) => void) | undefined
  readonly onRestart?: (() => void) | undefined
}

/** The file of a blob on its way: an unbroken beginning of it at all times, and never more than it has. */
export class BlobFile {
  readonly blob: Descriptor
  readonly #target: BlobTarget
  #position: number

  constructor(blob: Descriptor, target: BlobTarget) {
    this.blob = blob
    this.#target = target
    this.#position = target.offset
  }

  /** How much is there, in bytes. */
  get position(): number {
    return this.#position
  }

  get remaining(): number {
    return this.blob.size - this.#position
  }

  /** Writes what comes next. ERR_DIGEST_MISMATCH for more than the blob has. */
  async append(chunks: readonly Uint8Array[]): Promise<void> {
    const size = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
    if (size === 0) return
    if (size > this.remaining) throw this.wrongSize('more')
    const { file } = this.#target
    let { bytesWritten } = await file.writev(chunks as Uint8Array[], this.#position)
    if (bytesWritten < size) {
      const all = Buffer.concat(chunks)
      while (bytesWritten < size)
        bytesWritten += (await file.write(all, bytesWritten, size - bytesWritten, this.#position + bytesWritten))
          .bytesWritten
    }
    this.#position += size
    this.#target.onBytes?.(size)
  }

  /** Empties the file, to begin again. */
  async restart(): Promise<void> {
    if (this.#position === 0) return
    await this.#target.file.truncate(0)
    this.#position = 0
    this.#target.onRestart?.()
  }

  /** The error for content that is not as large as its descriptor says. */
  wrongSize(what: 'more' | 'less'): EngineError {
    const { digest, size } = this.blob
    return new EngineError({
      code: 'ERR_DIGEST_MISMATCH',
      message: `${digest}: ${what} than the ${size} bytes that it should have`,
      hint: 'the registry, or somebody between, has it wrong',
      step: 'download',
      object: digest,
    })
  }
}
