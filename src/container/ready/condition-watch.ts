// SPDX-License-Identifier: Apache-2.0
import type { Ready } from '../../runtime/ready.js'
import { abandonable, onAbort } from '../../util/abort.js'
import { Ended, type Wait } from './wait.js'
import { waitForExec } from './wait-for-exec.js'
import { waitForHealth } from './wait-for-health.js'
import { waitForHttp } from './wait-for-http.js'
import { waitForLog } from './wait-for-log.js'
import { waitForPort } from './wait-for-port.js'

/** A condition took longer than it may. */
export class Overdue {
  readonly timeoutMs: number

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs
  }
}

const noop = () => {}

/** One condition that is waited for, with its parts: what is met of it, and what is in the way. */
export class ConditionWatch {
  readonly #ready: Ready
  readonly #parts: readonly ConditionWatch[]
  #met = false
  #problem = ''

  constructor(ready: Ready) {
    this.#ready = ready
    const { condition } = ready
    this.#parts = 'parts' in condition ? condition.parts.map((part) => new ConditionWatch(part)) : []
  }

  /** What is not met, and why as far as that is known: `port 5432 (ECONNREFUSED)`. */
  toString(): string {
    if (this.#parts.length > 0) {
      const link = this.#ready.condition.kind === 'all' ? ' and ' : ' or '
      return this.#parts.filter((part) => !part.#met).join(link)
    }
    return this.#problem === '' ? String(this.#ready) : `${this.#ready} (${this.#problem})`
  }

  /**
   * Resolves when it is met. Rejects with {@link Ended}, {@link Overdue}, what ended the wait, or the signal's reason; nothing of it goes
   * on then.
   */
  async met(wait: Omit<Wait, 'note'>, timeoutMs: number | undefined = this.#ready.timeoutMs): Promise<void> {
    const own = new AbortController()
    const stopListening = onAbort(wait.signal, (reason) => own.abort(reason))
    const timer =
      timeoutMs === undefined ? undefined : setTimeout(() => own.abort(new Overdue(timeoutMs)), Math.max(timeoutMs, 0))
    try {
      await this.#combined({ ...wait, signal: own.signal })
      this.#met = true
    } catch (error) {
      throw own.signal.aborted ? own.signal.reason : error
    } finally {
      clearTimeout(timer)
      stopListening()
    }
  }

  // The parts end with the one that decides, and are over before this is.
  async #combined(wait: Omit<Wait, 'note'>): Promise<void> {
    const { kind } = this.#ready.condition
    if (kind !== 'all' && kind !== 'any') return await this.#alone(wait)
    const rest = new AbortController()
    const stopListening = onAbort(wait.signal, (reason) => rest.abort(reason))
    const all = this.#parts.map((part) => part.met({ ...wait, signal: rest.signal }))
    try {
      if (kind === 'all') await Promise.all(all)
      else await Promise.any(all).catch(throwWeightiest)
    } finally {
      stopListening()
      rest.abort(new Error('decided'))
      await Promise.allSettled(all)
    }
  }

  async #alone(wait: Omit<Wait, 'note'>): Promise<void> {
    const own = new AbortController()
    const stopListening = onAbort(wait.signal, (reason) => own.abort(reason))
    const note = (problem: string) => {
      this.#problem = problem
    }
    const work = this.#work({ ...wait, signal: own.signal, note })
    try {
      await Promise.race([work, this.#endOf(wait)])
    } finally {
      stopListening()
      own.abort(new Error('over'))
      await work.catch(noop)
    }
  }

  // Rejects at the container's end, except where that is waited for or has to be looked at first.
  async #endOf({ ended }: Omit<Wait, 'note'>): Promise<void> {
    const exit = await ended
    const { kind } = this.#ready.condition
    if (kind === 'log' || kind === 'exit') return await new Promise<never>(noop)
    throw new Ended(exit)
  }

  #work(wait: Wait): Promise<void> {
    const { condition } = this.#ready
    switch (condition.kind) {
      case 'port':
        return waitForPort(wait, condition.port, condition.options)
      case 'log':
        return waitForLog(wait, condition.pattern, condition.options)
      case 'http':
        return waitForHttp(wait, condition.path, condition.options)
      case 'exec':
        return waitForExec(wait, condition.argv, condition.options)
      case 'healthy':
        return waitForHealth(wait)
      case 'exit':
        return waitForExit(wait, condition.code)
      default:
        return Promise.resolve()
    }
  }
}

async function waitForExit({ ended, signal }: Wait, code: number): Promise<void> {
  const exit = await abandonable(ended, signal)
  if (exit.code !== code) throw new Ended(exit)
}

// The container's end says more than a part that was given up before.
function throwWeightiest(error: unknown): never {
  if (!(error instanceof AggregateError)) throw error
  throw error.errors.find((one) => one instanceof Ended) ?? error.errors[0]
}
