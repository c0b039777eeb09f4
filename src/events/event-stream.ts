// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { onAbort } from '../util/abort.js'
import { AsyncQueue } from '../util/async-queue.js'
import type { EngineEvent } from './engine-event.js'

/** How far a loop may fall behind before it fails. */
const maxBacklog = 65_536

interface StreamOptions {
  readonly accept: (event: EngineEvent) => boolean
  readonly signal: AbortSignal | undefined
  readonly onStart: () => void
  readonly onEnd: () => void
  readonly onWaiting: (waiting: boolean) => void
}

/** One loop over the events of a bus. */
export class EventStream implements AsyncIterableIterator<EngineEvent> {
  readonly #queue = new AsyncQueue<EngineEvent>()
  readonly #options: StreamOptions
  #stopListening: (() => void) | undefined
  #started = false

  constructor(options: StreamOptions) {
    this.#options = options
  }

  deliver(event: EngineEvent): void {
    let accepted: boolean
    try {
      accepted = this.#options.accept(event)
    } catch (error) {
      this.fail(error)
      return
    }
    if (!accepted) return
    this.#queue.offer(event)
    if (this.#queue.size <= maxBacklog) return
    this.fail(
      new EngineError({
        code: 'ERR_RESOURCE_EXHAUSTED',
        message: `the loop over events is ${maxBacklog} events behind`,
      }),
    )
  }

  /** Ends the loop after what is left. */
  end(): void {
    this.#queue.close()
    this.#finish()
  }

  /** Ends the loop with the error, after what is left. */
  fail(error: unknown): void {
    this.#queue.fail(error)
    this.#finish()
  }

  async next(): Promise<IteratorResult<EngineEvent, undefined>> {
    if (!this.#started) this.#start()
    if (this.#queue.size > 0 || this.#queue.closed) return this.#queue.next()
    this.#options.onWaiting(true)
    try {
      return await this.#queue.next()
    } finally {
      this.#options.onWaiting(false)
    }
  }

  async return(): Promise<IteratorResult<EngineEvent, undefined>> {
    this.#started = true
    this.#finish()
    return this.#queue.return()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #start(): void {
    this.#started = true
    this.#options.onStart()
    this.#stopListening = onAbort(this.#options.signal, (reason) => this.fail(reason))
  }

  #finish(): void {
    this.#stopListening?.()
    this.#options.onEnd()
  }
}
