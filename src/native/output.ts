// SPDX-License-Identifier: Apache-2.0
import { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { addon } from './addon.js'
import type { OwnedDescriptor } from './descriptor.js'

// Measured: 64 KiB is what child_process reads at a time; from a pipe and a buffer of 256 KiB, 1 GiB takes a quarter less than that.
// Only a stream that fills the small buffer gets the large ones: a user has 64 MiB for all pipes (pipe-user-pages-soft).
const smallBytes = 65_536
const largeBytes = 262_144
// Below, a chunk is copied out, and the buffer used again.
const worthGiving = 32_768
// Most write little, or nothing: they read into this one. What it has is copied out at once, before anybody else can read.
const sharedBuffer = Buffer.allocUnsafeSlow(smallBytes)

/**
 * What a process writes into a pipe, with back-pressure: nothing is read that nobody asks for, but one buffer's worth.
 * Does not keep the process alive unless {@link Output.ref} was called.
 */
export class Output extends Readable {
  readonly #fd: number
  readonly #socket: Socket
  #buffer = sharedBuffer
  #bufferBytes = smallBytes
  #unread = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #over = false

  /** Takes over the read end of a pipe. */
  constructor(readEnd: OwnedDescriptor) {
    super({ highWaterMark: smallBytes })
    this.#fd = readEnd.take()
    const onread = { buffer: () => this.#buffer, callback: (count: number) => this.#take(count) }
    // The types know onread for connections only; the constructor takes it for descriptors as well.
    const options = { fd: this.#fd, readable: true, writable: false, onread }
    this.#socket = new Socket(options)
    this.#socket.on('end', () => this.#end())
    this.#socket.on('error', (error) => this.destroy(error))
    this.#socket.unref()
    this.#socket.resume()
  }

  /** Its number, until it is destroyed. */
  get fd(): number {
    return this.#fd
  }

  /** Keeps the process alive until the stream has ended. */
  ref(): this {
    this.#socket.ref()
    return this
  }

  unref(): this {
    this.#socket.unref()
    return this
  }

  /**
   * Says that the process has ended. What it wrote is still read; but where something else holds the pipe open, the stream ends
   * once `graceMs` have passed and what was in the pipe by then is read: no more than that is kept for a reader who does not come. Keeps the
   * process alive until that moment.
   */
  endAfterExit(graceMs: number): void {
    if (this.#over || this.#timer) return
    this.ref()
    this.#timer = setTimeout(() => this.#cutOff(), graceMs)
  }

  override _read(): void {
    if (!this.#over) this.#socket.resume()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#close()
    callback(error)
  }

  // One read of the socket; false stops it until the next `resume`.
  #take(count: number): boolean {
    const chunk = this.#chunk(count)
    this.#unread -= count
    const wantsMore = this.push(chunk)
    if (this.#unread <= 0) this.#end()
    return (wantsMore || this.#unread < Number.POSITIVE_INFINITY) && !this.#over
  }

  #chunk(count: number): Buffer {
    const read = this.#buffer.subarray(0, count)
    if (count < worthGiving) return Buffer.from(read)
    const isShared = this.#buffer === sharedBuffer
    if (count === smallBytes && this.#bufferBytes === smallBytes) {
      this.#bufferBytes = largeBytes
      addon().growPipe(this.#fd, largeBytes)
    }
    this.#buffer = Buffer.allocUnsafeSlow(this.#bufferBytes)
    return isShared ? Buffer.from(read) : read
  }

  #cutOff(): void {
    if (this.#over) return
    this.#unread = addon().availableBytes(this.#fd)
    if (this.#unread === 0) this.#end()
    else this.#socket.resume()
  }

  #end(): void {
    if (this.#over) return
    this.#close()
    this.push(null)
  }

  #close(): void {
    this.#over = true
    clearTimeout(this.#timer)
    this.#socket.destroy()
  }
}
