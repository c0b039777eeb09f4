// SPDX-License-Identifier: Apache-2.0
import { constants, type FileHandle, open } from 'node:fs/promises'
import type { LogEntry } from '../errors/log-entry.js'
import { fileStep, isMissing } from '../store/store-failure.js'
import { type LogPosition, parseLogLine } from './log-entry.js'

const pieceBytes = 65_536
// An entry is at most 16 KiB of text, each byte of which may be six characters of JSON.
const longestLine = 131_072
const newline = 0x0a

/** One file of a log, read forward from where it was left, or backward from its end. */
export class LogFile {
  readonly inode: string
  readonly #file: FileHandle
  readonly #path: string
  #offset = 0
  #rest: Buffer = Buffer.alloc(0)

  private constructor(file: FileHandle, path: string, inode: string) {
    this.#file = file
    this.#path = path
    this.inode = inode
  }

  /** Undefined where there is none. */
  static async open(path: string): Promise<LogFile | undefined> {
    return await fileStep('open log', path, async () => {
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW
      const file = await open(path, flags).catch((error) => (isMissing(error) ? undefined : Promise.reject(error)))
      if (file === undefined) return undefined
      try {
        const { ino } = await file.stat({ bigint: true })
        return new LogFile(file, path, String(ino))
      } catch (error) {
        await file.close()
        throw error
      }
    })
  }

  /** Goes to what follows that position; false where it is none of this file. */
  async seek(position: LogPosition): Promise<boolean> {
    if (position.inode !== this.inode) return false
    const from = Math.max(0, position.offset - longestLine)
    const before = await this.#read(from, position.offset - from)
    if (before.length !== position.offset - from || before.at(-1) !== newline) return false
    const start = before.lastIndexOf(newline, before.length - 2) + 1
    const entry = parseLogLine(before.toString('utf8', start, before.length - 1), position)
    if (entry?.timeNs !== position.timeNs) return false
    this.#offset = position.offset
    return true
  }

  /** Entries up to the end as it is now; a line that is not finished comes next time. */
  async *entries(): AsyncGenerator<LogEntry, void> {
    for (let piece = await this.#next(); piece.length > 0; piece = await this.#next()) {
      let data = this.#rest.length > 0 ? Buffer.concat([this.#rest, piece]) : piece
      for (let end = data.indexOf(newline); end >= 0; end = data.indexOf(newline)) {
        this.#offset += end + 1
        const entry = this.#entry(data.subarray(0, end), this.#offset)
        data = data.subarray(end + 1)
        this.#rest = data
        if (entry) yield entry
      }
      this.#rest = data
    }
  }

  /** Entries from the end as it is now to where it was left, newest first; {@link LogFile.entries} then goes on after them. */
  async *backward(): AsyncGenerator<LogEntry, void> {
    const first = this.#offset
    let at = (await fileStep('read log', this.#path, () => this.#file.stat())).size
    let rest: Buffer = Buffer.alloc(0)
    let whole = false
    while (at > first) {
      const from = Math.max(first, at - pieceBytes)
      const data = Buffer.concat([await this.#read(from, at - from), rest])
      at = from
      let end = data.length
      for (let mark = data.lastIndexOf(newline); mark >= 0; mark = data.lastIndexOf(newline, mark - 1)) {
        // Behind the last newline is a line that is not finished: that comes with `entries`.
        if (!whole) this.#offset = at + mark + 1
        else {
          const entry = this.#entry(data.subarray(mark + 1, end - 1), at + end)
          if (entry) yield entry
        }
        whole = true
        end = mark + 1
        if (mark === 0) break
      }
      rest = whole ? data.subarray(0, end) : data
    }
    if (!whole || rest.length === 0) return
    const entry = this.#entry(rest.subarray(0, -1), first + rest.length)
    if (entry) yield entry
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  #entry(line: Buffer, end: number): LogEntry | undefined {
    return parseLogLine(line.toString('utf8'), { inode: this.inode, offset: end })
  }

  #next(): Promise<Buffer> {
    return this.#read(this.#offset + this.#rest.length, pieceBytes)
  }

  async #read(from: number, bytes: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafeSlow(bytes)
    let filled = 0
    while (filled < bytes) {
      const { bytesRead } = await fileStep('read log', this.#path, () =>
        this.#file.read(buffer, filled, bytes - filled, from + filled),
      )
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return buffer.subarray(0, filled)
  }
}
