// SPDX-License-Identifier: Apache-2.0
import { constants, type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { LogEntry } from '../errors/log-entry.js'
import { type LogPosition, parseLogLine } from './log-entry.js'

const pieceBytes = 65_536
const newline = 0x0a

/** One file of a log, read forward from where it was left. */
export class LogFile {
  readonly inode: string
  readonly #file: FileHandle
  #offset: number
  #rest: Buffer = Buffer.alloc(0)

  private constructor(file: FileHandle, inode: string, offset: number) {
    this.#file = file
    this.inode = inode
    this.#offset = offset
  }

  /** Undefined where there is none. */
  static async open(path: string, from?: LogPosition): Promise<LogFile | undefined> {
    let file: FileHandle
    try {
      file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
    const { ino } = await file.stat({ bigint: true })
    const inode = String(ino)
    return new LogFile(file, inode, from?.inode === inode ? from.offset : 0)
  }

  /** Entries up to the end as it is now; a line that is not finished comes next time. */
  async *entries(): AsyncGenerator<LogEntry, void> {
    for (let piece = await this.#read(); piece.length > 0; piece = await this.#read()) {
      let data = this.#rest.length > 0 ? Buffer.concat([this.#rest, piece]) : piece
      for (let end = data.indexOf(newline); end >= 0; end = data.indexOf(newline)) {
        this.#offset += end + 1
        const entry = parseLogLine(data.toString('utf8', 0, end), { inode: this.inode, offset: this.#offset })
        data = data.subarray(end + 1)
        this.#rest = data
        if (entry) yield entry
      }
      this.#rest = data
    }
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #read(): Promise<Buffer> {
    const buffer = Buffer.allocUnsafeSlow(pieceBytes)
    const { bytesRead } = await this.#file.read(buffer, 0, pieceBytes, this.#offset + this.#rest.length)
    return buffer.subarray(0, bytesRead)
  }
}

/** Opens the files of a log that are at or after that position, oldest first. */
export async function openLogFiles(path: string, from: LogPosition | undefined): Promise<LogFile[]> {
  const newestFirst: LogFile[] = []
  for (let number = 0; ; number++) {
    const file = await LogFile.open(number === 0 ? path : `${path}.${number}`, from)
    // Rotation leaves a moment in which there is no newest file.
    if (file === undefined && number > 0) break
    if (file === undefined) continue
    newestFirst.push(file)
    if (file.inode === from?.inode) break
  }
  return newestFirst.reverse()
}

/** The directory that changes when a log does. */
export function logDirectory(path: string): string {
  return dirname(path)
}
