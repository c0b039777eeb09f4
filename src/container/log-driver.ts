// SPDX-License-Identifier: Apache-2.0
import type { LogEntry } from '../errors/log-entry.js'

/** Whose log it is. */
export interface LoggedContainer {
  /** 64 hex digits. */
  readonly id: string
  /** As it is called. */
  readonly name: string
  /** The image's and the container's own. */
  readonly labels: Readonly<Record<string, string>>
}

/** Where the lines of one container go. */
export interface LogSink {
  /** Takes one line; they come in order, and the next one when the promise of this one is settled. Meanwhile the container waits, once a mebibyte and its pipes are full. */
  write(entry: LogEntry): void | Promise<void>
  /** Called once, after the last line: the container is gone, and its removal waits for this, up to ten seconds. */
  close?(): void | Promise<void>
}

/**
 * Takes the output of containers elsewhere: given to {@link Engine.open} as `plugins: { logs: { name: driver } }`, and chosen by
 * `logs: { driver: 'name', options }`. What `open` throws refuses the container (ERR_LOG_DRIVER). What `write` and `close` throw loses that
 * line and nothing else; the first time an event `warning` says so.
 */
export interface LogDriver {
  /** A container is about to be made. */
  open(container: LoggedContainer, options: Readonly<Record<string, string>>): LogSink | Promise<LogSink>
}

/** The log drivers of an engine, and how it is told that one of them fails. */
export interface LogDrivers {
  readonly byName: ReadonlyMap<string, LogDriver>
  failed(container: LoggedContainer, driver: string, error: unknown): void
}
