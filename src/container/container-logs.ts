// SPDX-License-Identifier: Apache-2.0
import { watch } from 'node:fs'
import { invalidArgument } from '../errors/invalid-argument.js'
import type { LogEntry } from '../errors/log-entry.js'
import { quoted } from '../errors/printable.js'
import { onAbort } from '../util/abort.js'
import { check, type Shape } from '../util/validate.js'
import { keepAlive } from './keep-alive.js'
import { parseCursor } from './log-entry.js'
import { logDirectory } from './log-files.js'
import { LogReader } from './log-reader.js'

/** Which entries of a log, and whether to wait for more. */
export interface LogsOptions {
  /** Whether to go on until the container ends. */
  readonly follow?: boolean | undefined
  /** Only what came after this cursor, or not before this time. A cursor whose file is gone goes on with the oldest that is left. */
  readonly since?: string | Date | undefined
  /** Only the last so many of what is there; read from the end. */
  readonly tail?: number | undefined
  /** False leaves it out. */
  readonly stdout?: boolean | undefined
  /** False leaves it out. */
  readonly stderr?: boolean | undefined
  /** Aborted: the loop ends with the reason. */
  readonly signal?: AbortSignal | undefined
}

export const logsShape: Shape<LogsOptions> = {
  follow: check.boolean,
  since: (value, option) => {
    if (value instanceof Date) check.date(value, option)
    else if (typeof value !== 'string' || !parseCursor(value))
      throw invalidArgument(option, `${quoted(value)} is neither a Date nor a cursor of an entry`)
  },
  tail: check.integer({ min: 0 }),
  stdout: check.boolean,
  stderr: check.boolean,
  signal: check.signal,
}

/** A log that may still grow. */
export interface LogSource {
  /** The newest file. */
  readonly path: string
  /** Whether nothing more will come. */
  ended(): boolean
  /** Calls back when that may have changed, with an error when it will not be known; the returned function stops it. */
  onChange(callback: (error?: unknown) => void): () => void
}

/** The entries that the options ask for. */
export async function* readLogs(source: LogSource, options: LogsOptions): AsyncGenerator<LogEntry, void> {
  const { since, tail, follow, signal } = options
  signal?.throwIfAborted()
  // Asked before reading: what comes in between is in the next round.
  let ended = source.ended()
  const changes = follow && !ended ? new Changes(source, signal) : undefined
  const reader = await LogReader.open(source.path, since)
  const wanted = (entry: LogEntry) => entry.timeNs >= reader.firstNs && options[entry.stream] !== false
  try {
    if (tail === undefined) for await (const entry of reader.entries()) if (wanted(entry)) yield entry
    if (tail !== undefined) yield* await reader.last(tail, wanted)
    while (changes && !ended) {
      ended = await changes.wait()
      for await (const entry of reader.more()) if (wanted(entry)) yield entry
    }
  } finally {
    changes?.close()
    await reader.close()
  }
}

// Tells when a log has grown or its container has ended.
class Changes {
  readonly #stop: (() => void)[] = []
  readonly #source: LogSource
  readonly #signal: AbortSignal | undefined
  #changed = false
  #failure: unknown
  #wake: (() => void) | undefined

  constructor(source: LogSource, signal: AbortSignal | undefined) {
    this.#source = source
    this.#signal = signal
    const note = () => {
      this.#changed = true
      this.#wake?.()
    }
    const change = (error?: unknown) => {
      this.#failure = error
      note()
    }
    this.#stop.push(source.onChange(change), onAbort(signal, note))
    try {
      const watcher = watch(logDirectory(source.path), { persistent: false }, note)
      watcher.on('error', note)
      this.#stop.push(() => watcher.close())
    } catch {
      // The directory is gone, and with it the container: that is told as well.
    }
  }

  /** True when there will be no more after what is there now. */
  async wait(): Promise<boolean> {
    if (!this.#changed && !this.#source.ended()) {
      const release = keepAlive()
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      release()
    }
    this.#signal?.throwIfAborted()
    if (this.#failure) throw this.#failure
    this.#changed = false
    return this.#source.ended()
  }

  close(): void {
    for (const stop of this.#stop) stop()
  }
}
