// SPDX-License-Identifier: Apache-2.0
import { readSync } from 'node:fs'
import type { LogEntry } from '../errors/log-entry.js'
import { availableBytes } from '../native/available-bytes.js'
import { createPipe, type OwnedDescriptor } from '../native/descriptor.js'
import { Output } from '../native/output.js'
import { parseLogLine } from './log-entry.js'

const newline = 0x0a
// Whoever writes is another process, which needs a processor for it.
const patienceMs = 1000
const pause = new Int32Array(new SharedArrayBuffer(4))

/** The lines of a container's log, told to a function as they come. While this process is busy the container waits, once its pipes are full. */
export class LogCallback {
  readonly writeEnd: OwnedDescriptor
  readonly #fd: number
  readonly #output: Output
  readonly #onEntry: (entry: LogEntry) => void
  readonly #ended: Promise<void>
  #rest: Buffer = Buffer.alloc(0)
  #bytes = 0

  constructor(onEntry: (entry: LogEntry) => void) {
    const { readEnd, writeEnd } = createPipe()
    this.writeEnd = writeEnd
    this.#onEntry = onEntry
    this.#fd = readEnd.fd
    this.#output = new Output(readEnd)
    this.#output.on('error', () => {})
    this.#output.on('data', (chunk: Buffer) => this.#take(chunk))
    this.#ended = new Promise((resolve) => this.#output.once('close', resolve))
  }

  /**
   * Tells at once what comes until so many bytes have come since the beginning, or nothing more does: what is told next, of an end, comes after
   * it.
   */
  drain(untilBytes: number): void {
    // What was read while it was held comes first; reading it tells it.
    while (this.#output.readableLength > 0 && this.#output.read() !== null);
    while (!this.#output.destroyed && !this.#output.readableEnded && this.#bytes < untilBytes) {
      const count = this.#awaitSome()
      if (count === 0) return
      const chunk = Buffer.allocUnsafe(count)
      this.#take(chunk.subarray(0, readSync(this.#fd, chunk, 0, count, null)))
    }
  }

  /** Resolves when nothing will come any more. */
  get ended(): Promise<void> {
    return this.#ended
  }

  /** Reads no further, or goes on. */
  hold(isHeld: boolean): void {
    if (isHeld) this.#output.pause()
    else this.#output.resume()
  }

  close(): void {
    if (!this.writeEnd.closed) this.writeEnd.close()
  }

  /** Nothing will come. */
  abandon(): void {
    this.close()
    this.#output.destroy()
  }

  // Nothing else may happen meanwhile: it would come before the lines.
  #awaitSome(): number {
    const deadline = performance.now() + patienceMs
    let count = availableBytes(this.#fd)
    while (count === 0 && performance.now() < deadline) {
      Atomics.wait(pause, 0, 0, 1)
      count = availableBytes(this.#fd)
    }
    return count
  }

  #take(chunk: Buffer): void {
    this.#bytes += chunk.byteLength
    let data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    for (let end = data.indexOf(newline); end >= 0; end = data.indexOf(newline)) {
      const entry = parseLogLine(data.toString('utf8', 0, end), undefined)
      data = data.subarray(end + 1)
      if (entry) this.#tell(entry)
    }
    this.#rest = data.length > 0 ? Buffer.from(data) : data
  }

  // What it throws disturbs nothing but is an uncaught exception, as with listeners.
  #tell(entry: LogEntry): void {
    try {
      this.#onEntry(entry)
    } catch (error) {
      process.nextTick(() => {
        throw error
      })
    }
  }
}
