// SPDX-License-Identifier: Apache-2.0
import { readSync } from 'node:fs'
import { Readable } from 'node:stream'
import { ReadStream } from 'node:tty'
import { availableBytes } from '../native/available-bytes.js'
import { duplicate, type OwnedDescriptor } from '../native/descriptor.js'
import { endTerminalInput, resizeTerminal } from '../native/terminal-calls.js'
import type { TerminalSize } from './container-option-parts.js'

// Where nobody has the other side open, somebody still may open it; whoever does has the output read so much later at most.
const revisitMs = 20
const chunkBytes = 65_536
const mostReads = 16

/**
 * Our side of a process's terminal: what the process writes can be read here, with back-pressure, and ends when the process does. It is
 * open until then: a process may let go of its own side before it ends, and would be ended by SIGHUP if ours were closed.
 */
export class Terminal extends Readable {
  readonly #master: OwnedDescriptor
  #stream: ReadStream
  #lastByte = 0x0a
  #unread = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #revisit: NodeJS.Timeout | undefined
  #exited = false
  #over = false

  /** Takes over the master. Does not keep the process alive before {@link Terminal.endAfterExit}. */
  constructor(master: OwnedDescriptor) {
    super({ highWaterMark: chunkBytes })
    this.#master = master
    this.#stream = this.#open()
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
    if (!this.#over) endTerminalInput(this.#master.fd, this.#lastByte !== 0x0a)
  }

  resize(size: TerminalSize): void {
    if (!this.#over) resizeTerminal(this.#master.fd, size)
  }

  /** The process has ended: what it wrote is still read, but what holds the terminal beyond `graceMs` is not waited for. */
  endAfterExit(graceMs: number): void {
    if (this.#over || this.#exited) return
    this.#exited = true
    if (this.#revisit) {
      this.#visit()
      return
    }
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

  #open(): ReadStream {
    const stream = new ReadStream(duplicate(this.#master.fd).take())
    // The last process that had the other side is gone: to the kernel an error (EIO), to libuv sometimes the end, with output unread.
    stream.on('error', () => this.#visit())
    stream.on('end', () => this.#visit())
    stream.on('data', (chunk: Buffer) => this.#take(chunk))
    if (!this.#exited) stream.unref()
    return stream
  }

  // Nobody had the other side a moment ago.
  #visit(): void {
    clearTimeout(this.#revisit)
    this.#revisit = undefined
    if (this.#over) return
    this.#stream.destroy()
    const isOpen = this.#drain()
    if (this.#over) return
    if (isOpen) this.#stream = this.#open()
    else if (this.#exited) this.#end()
    else this.#revisit = setTimeout(() => this.#visit(), revisitMs).unref()
  }

  // Takes what the kernel holds, which is little; returns whether somebody has the other side open, or may have.
  #drain(): boolean {
    const buffer = Buffer.alloc(chunkBytes)
    try {
      for (let i = 0; i < mostReads; ++i) {
        const count = readSync(this.#master.fd, buffer)
        if (count > 0) this.#take(Buffer.from(buffer.subarray(0, count)))
        if (count === 0 || this.#over) return false
      }
      return true
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EAGAIN'
    }
  }

  #take(chunk: Buffer): void {
    this.#unread -= chunk.byteLength
    if (!this.destroyed && !this.#over && !this.push(chunk) && this.#unread === Number.POSITIVE_INFINITY)
      this.#stream.pause()
    if (this.#unread <= 0) this.#end()
  }

  #cutOff(): void {
    if (this.#over) return
    this.#unread = availableBytes(this.#master.fd)
    if (this.#unread === 0) this.#end()
    // No more than the kernel holds of a terminal: it need not wait for its reader.
    else this.#stream.resume()
  }

  #end(): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#timer)
    clearTimeout(this.#revisit)
    this.#stream.destroy()
    this.#master.close()
    if (!this.destroyed) this.push(null)
  }
}
