// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream'
import { ReadStream } from 'node:tty'
import { availableBytes } from '../native/available-bytes.js'
import type { OwnedDescriptor } from '../native/descriptor.js'
import { endTerminalInput, resizeTerminal } from '../native/terminal-calls.js'
import type { TerminalSize } from './container-option-parts.js'

/** Our side of a process's terminal: what the process writes can be read here, with back-pressure, and ends when the process does. */
export class Terminal extends Readable {
  readonly #fd: number
  readonly #stream: ReadStream
  #lastByte = 0x0a
  #unread = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #over = false

  /** Takes over the master. Does not keep the process alive before {@link Terminal.endAfterExit}. */
  constructor(master: OwnedDescriptor) {
    super({ highWaterMark: 65_536 })
    this.#fd = master.take()
    this.#stream = new ReadStream(this.#fd)
    // The last process that had the other side is gone: to the kernel an error (EIO), here the end.
    this.#stream.on('error', () => this.#end())
    this.#stream.on('end', () => this.#end())
    this.#stream.on('data', (chunk: Buffer) => this.#take(chunk))
    this.#stream.unref()
  }

  /** What is typed. Errors come to nothing: a process that reads no more has ended, or will tell. */
  get input(): ReadStream {
    return this.#stream
  }

  /** Types; resolves when the terminal has it. */
  type(data: string | Uint8Array): Promise<void> {
    const bytes = Buffer.from(data)
    if (bytes.length > 0) this.#lastByte = bytes[bytes.length - 1] as number
    return new Promise((resolve) => this.#stream.write(bytes, () => resolve()))
  }

  /** Types the end of input, where the process reads by lines; a terminal has no other. */
  typeEnd(): void {
    if (!this.#over) endTerminalInput(this.#fd, this.#lastByte !== 0x0a)
  }

  resize(size: TerminalSize): void {
    if (!this.#over) resizeTerminal(this.#fd, size)
  }

  /** The process has ended: what it wrote is still read, but what holds the terminal beyond `graceMs` is not waited for. */
  endAfterExit(graceMs: number): void {
    if (this.#over || this.#timer) return
    this.#stream.ref()
    this.#timer = setTimeout(() => this.#cutOff(), graceMs)
  }

  /** Ends it now. */
  hangUp(): void {
    this.#end()
  }

  override _read(): void {
    if (!this.#over) this.#stream.resume()
  }

  // Whoever reads no more does not hang up: the process goes on, and what it writes is dropped.
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.#over) this.#stream.resume()
    callback(error)
  }

  #take(chunk: Buffer): void {
    this.#unread -= chunk.byteLength
    if (!this.destroyed && !this.#over && !this.push(chunk) && this.#unread === Number.POSITIVE_INFINITY)
      this.#stream.pause()
    if (this.#unread <= 0) this.#end()
  }

  #cutOff(): void {
    if (this.#over) return
    this.#unread = availableBytes(this.#fd)
    if (this.#unread === 0) this.#end()
    // No more than the kernel holds of a terminal: it need not wait for its reader.
    else this.#stream.resume()
  }

  #end(): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#timer)
    this.#stream.destroy()
    if (!this.destroyed) this.push(null)
  }
}
