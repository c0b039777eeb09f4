// SPDX-License-Identifier: Apache-2.0
import type { LogEntry } from '../errors/log-entry.js'
import { parseCursor } from './log-entry.js'
import type { LogFile } from './log-file.js'
import { openLogFiles } from './log-files.js'

/** The files of one log as one sequence of entries, through their rotation. */
export class LogReader {
  /** Entries before this time are none of what was asked for; they come all the same. */
  readonly firstNs: bigint
  readonly #path: string
  #files: LogFile[]
  #lastNs = -1n

  private constructor(path: string, files: LogFile[], firstNs: bigint) {
    this.#path = path
    this.#files = files
    this.firstNs = firstNs
  }

  /** From after a cursor, a time, or the beginning. */
  static async open(path: string, since: string | Date | undefined): Promise<LogReader> {
    const cursor = typeof since === 'string' ? parseCursor(since) : undefined
    const { files, found } = await openLogFiles(path, async (file) => cursor !== undefined && (await file.seek(cursor)))
    if (since instanceof Date) return new LogReader(path, files, BigInt(since.getTime()) * 1_000_000n)
    return new LogReader(path, files, cursor && !found ? cursor.timeNs + 1n : 0n)
  }

  /** What is there now. */
  async *entries(): AsyncGenerator<LogEntry, void> {
    for (const file of this.#files) yield* this.#noted(file)
    await this.#keepNewest()
  }

  /** The last so many for which `wanted` holds; what comes after them is in {@link LogReader.more}. */
  async last(count: number, wanted: (entry: LogEntry) => boolean): Promise<LogEntry[]> {
    const newestFirst: LogEntry[] = []
    for (const file of this.#files.toReversed()) {
      for await (const entry of file.backward()) {
        if (this.#lastNs < 0n) this.#lastNs = entry.timeNs
        if (newestFirst.length >= count || entry.timeNs < this.firstNs) break
        if (wanted(entry)) newestFirst.push(entry)
      }
      if (newestFirst.length >= count) break
    }
    await this.#keepNewest()
    return newestFirst.reverse()
  }

  /** What has come since. */
  async *more(): AsyncGenerator<LogEntry, void> {
    const current = this.#files.at(-1)
    if (current) yield* this.#noted(current)
    const { files, found } = await openLogFiles(this.#path, ({ inode }) => inode === current?.inode)
    if (found) await files.shift()?.close()
    if (files.length === 0) return
    this.#files.push(...files)
    // Nothing is written into it any more, but something may have been until it was put aside.
    if (current) yield* this.#noted(current)
    // It was removed, or put aside so often that it is gone: of the others some are older.
    const after = current && !found ? this.#lastNs : -1n
    for (const file of files) for await (const entry of this.#noted(file)) if (entry.timeNs > after) yield entry
    await this.#keepNewest()
  }

  async close(): Promise<void> {
    for (const file of this.#files) await file.close()
    this.#files = []
  }

  async *#noted(file: LogFile): AsyncGenerator<LogEntry, void> {
    for await (const entry of file.entries()) {
      if (entry.timeNs > this.#lastNs) this.#lastNs = entry.timeNs
      yield entry
    }
  }

  async #keepNewest(): Promise<void> {
    while (this.#files.length > 1) await this.#files.shift()?.close()
  }
}
