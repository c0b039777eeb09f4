// SPDX-License-Identifier: Apache-2.0
import { setMaxListeners } from 'node:events'
import { EngineError } from 'tscontainer'
import { onAbort } from '../../util/abort.js'

/** What ends waits: the caller's signal, the time that they may take, and the first failure. */
export class UpLimit {
  readonly #controller = new AbortController()
  readonly #undo: (() => void)[] = []
  #timer: NodeJS.Timeout | undefined
  /** What is waited for, for the message of a time-out. */
  pending: () => string = () => ''

  constructor({
    signal,
    waitTimeoutMs,
  }: { readonly signal?: AbortSignal | undefined; readonly waitTimeoutMs?: number | undefined }) {
    // As many wait as there are services.
    setMaxListeners(0, this.signal)
    this.#undo.push(onAbort(signal, (reason) => this.stop(reason)))
    if (waitTimeoutMs === undefined) return
    this.#timer = setTimeout(() => this.stop(this.#timedOut(waitTimeoutMs)), waitTimeoutMs)
  }

  /** Aborted with the reason of whichever came first. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  stop(reason: unknown): void {
    this.#controller.abort(reason)
  }

  /** Everything may take as long as it takes from now on. */
  unlimited(): void {
    clearTimeout(this.#timer)
  }

  /** Forgets the time and the caller's signal. */
  end(): void {
    this.unlimited()
    for (const step of this.#undo.splice(0)) step()
  }

  #timedOut(ms: number): EngineError {
    const pending = this.pending()
    const what = pending === '' ? '' : `; waited for ${pending}`
    return new EngineError({ code: 'ERR_TIMEOUT', message: `the project was not up after ${ms} ms${what}` })
  }
}
