// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import type { LogEntry } from '../errors/log-entry.js'
import { quoted } from '../errors/printable.js'
import type { LogOptions } from '../runtime/container-option-parts.js'
import { delay } from '../util/delay.js'
import type { LogDrivers, LoggedContainer, LogSink } from './log-driver.js'

// Enough for a driver that is quick not to stop the reading.
const most = 1024
const patienceMs = 10_000
const builtIn = ['file', 'none', 'callback']

/** The lines on their way to a driver, one after the other. */
export class DriverLog {
  readonly #sink: LogSink
  readonly #failed: (error: unknown) => void
  readonly #queue: LogEntry[] = []
  #working: Promise<void> | undefined
  #warned = false
  /** Told when there are too many lines to read on, and when there is room again. */
  onPressure: (isFull: boolean) => void = () => {}

  constructor(sink: LogSink, failed: (error: unknown) => void) {
    this.#sink = sink
    this.#failed = failed
  }

  take(entry: LogEntry): void {
    this.#queue.push(entry)
    if (this.#queue.length === most) this.onPressure(true)
    this.#working ??= this.#work()
  }

  /** Nothing more comes; resolves when the driver has taken everything and was closed, or has not for ten seconds. */
  async end(): Promise<void> {
    const late = new AbortController()
    const ended = this.#end().finally(() => late.abort())
    await Promise.race([ended, this.#attempt(() => tooLate(late.signal))])
  }

  async #end(): Promise<void> {
    await this.#working
    await this.#attempt(() => this.#sink.close?.())
  }

  async #work(): Promise<void> {
    for (let entry = this.#queue.shift(); entry; entry = this.#queue.shift()) {
      const line = entry
      await this.#attempt(() => this.#sink.write(line))
      if (this.#queue.length === most / 2) this.onPressure(false)
    }
    this.#working = undefined
  }

  async #attempt(work: () => void | Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!this.#warned) this.#failed(error)
      this.#warned = true
    }
  }
}

/** Opens the log of a container at the driver that its options name; undefined where that is one of the engine's own. */
export async function openDriverLog(
  { byName, failed }: LogDrivers,
  container: LoggedContainer,
  { driver, options = {} }: LogOptions = {},
): Promise<DriverLog | undefined> {
  if (driver === undefined || builtIn.includes(driver)) return undefined
  const found = byName.get(driver)
  if (!found) {
    const known = [...builtIn, ...byName.keys()].join(', ')
    throw invalidArgument('logs.driver', `there is no log driver ${quoted(driver)}`, `known are: ${known}`)
  }
  try {
    return new DriverLog(await found.open(container, options), (error) => failed(container, driver, error))
  } catch (cause) {
    throw new EngineError({
      code: 'ERR_LOG_DRIVER',
      message: `the log driver ${quoted(driver)} could not be opened for '${container.name}': ${messageOf(cause)}`,
      object: driver,
      cause,
    })
  }
}

async function tooLate(signal: AbortSignal): Promise<void> {
  await delay(patienceMs, signal).catch(() => {})
  if (!signal.aborted) throw new Error(`it did not take the last lines within ${patienceMs / 1000} s`)
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
