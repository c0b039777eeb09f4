// SPDX-License-Identifier: Apache-2.0
import { readSync } from 'node:fs'
import { Readable } from 'node:stream'
import { EngineError } from '../errors/engine-error.js'
import { nativeError } from '../errors/native-failure.js'
import { availableBytes } from '../native/available-bytes.js'
import { createPipe, type OwnedDescriptor } from '../native/descriptor.js'
import { Output } from '../native/output.js'

// How long a command may take before its output gets a stream of its own: most are done by then, and what they wrote is taken
// from the pipe in one read.
const patienceMs = 3
// What may still hold a pipe open after the end: something that was to outlive the command.
const graceMs = 50

interface Sink {
  data(chunk: Uint8Array): void
  end(): void
  error(error: unknown): void
}

/**
 * The reading side of one stream of a process. With a sink everything is read as it comes; without one nothing is, until
 * {@link ProcessOutput.readable} is called.
 */
export class ProcessOutput {
  readonly writeEnd: OwnedDescriptor
  readonly #readEnd: OwnedDescriptor
  readonly #sink: Sink | undefined
  #timer: NodeJS.Timeout | undefined
  #stream: Output | undefined
  #rest: Readable | undefined
  #exited = false

  constructor(sink?: Sink) {
    const { readEnd, writeEnd } = createPipe()
    this.#readEnd = readEnd
    this.writeEnd = writeEnd
    this.#sink = sink
  }

  /** The reading end, as long as somebody may read. */
  get readFd(): number | undefined {
    if (this.#stream) return this.#stream.destroyed ? undefined : this.#stream.fd
    return this.#readEnd.closed ? undefined : this.#readEnd.fd
  }

  /** The process is on its way. */
  begin(): void {
    if (this.#sink) this.#timer = setTimeout(() => this.open(), patienceMs).unref()
  }

  /** Begins to read now rather than when there is much. */
  open(): void {
    if (this.#stream || this.#exited) return
    clearTimeout(this.#timer)
    this.#stream = new Output(this.#readEnd)
    const sink = this.#sink
    if (!sink) return
    this.#stream.on('data', (chunk: Uint8Array) => sink.data(chunk))
    this.#stream.once('end', () => sink.end())
    this.#stream.once('error', (error) => sink.error(outputFailure(error)))
  }

  /** What nobody else reads, with back-pressure. */
  readable(): Readable {
    if (this.#rest) return this.#rest
    this.open()
    return this.#stream as Output
  }

  /** The same, and keeps this process alive until its end. */
  held(): Readable {
    const readable = this.readable()
    return readable instanceof Output ? readable.ref() : readable
  }

  /** The process has ended: what it wrote is there. */
  exited(): void {
    if (this.#exited) return
    clearTimeout(this.#timer)
    this.#exited = true
    if (this.#stream) {
      this.#stream.endAfterExit(graceMs)
      return
    }
    try {
      const rest = this.#takeRest()
      if (!this.#sink) this.#rest = Readable.from(rest ? [rest] : [], { objectMode: false })
      if (rest) this.#sink?.data(rest)
      this.#sink?.end()
    } catch (error) {
      const told = outputFailure(error)
      if (this.#sink) this.#sink.error(told)
      else this.#rest = failed(told)
    }
  }

  /** Nothing was started, or the end of it is not known: readers get the error. */
  abandon(error: unknown): void {
    clearTimeout(this.#timer)
    if (!this.writeEnd.closed) this.writeEnd.close()
    if (!this.#readEnd.closed) this.#readEnd.close()
    this.#exited = true
    if (this.#stream) this.#stream.destroy(error as Error)
    else this.#rest ??= failed(error)
  }

  // At most what fits into a pipe, and it is there: this read does not wait.
  #takeRest(): Buffer | undefined {
    try {
      const count = availableBytes(this.#readEnd.fd)
      if (count === 0) return undefined
      const rest = Buffer.allocUnsafeSlow(count)
      return rest.subarray(0, readSync(this.#readEnd.fd, rest, 0, count, null))
    } finally {
      this.#readEnd.close()
    }
  }
}

function outputFailure(error: unknown): EngineError {
  if (EngineError.is(error)) return error
  const errno = (error as NodeJS.ErrnoException).code ?? 'EIO'
  return nativeError({ step: 'read output', errno })
}

function failed(error: unknown): Readable {
  // biome-ignore lint/correctness/useYield: it has nothing to give but its failure
  const nothing = async function* (): AsyncGenerator<Uint8Array> {
    throw error
  }
  return Readable.from(nothing(), { objectMode: false })
}
