// SPDX-License-Identifier: Apache-2.0
import type { LogEntry } from '../errors/log-entry.js'

interface Line {
  readonly t: string
  readonly s: 'o' | 'e'
  readonly l?: string
  readonly b?: string
  readonly p?: boolean
}

/** Where in which file an entry ends: files keep their inode when they are rotated. */
export interface LogPosition {
  readonly inode: string
  readonly offset: number
  /** Of the entry: an inode is given out again once its file is gone. */
  readonly timeNs: bigint
}

/** A line of log.jsonl as an entry; undefined for one that a crash cut short. */
export function parseLogLine(
  text: string,
  /** Undefined: it is in no file. */
  end: Pick<LogPosition, 'inode' | 'offset'> | undefined,
): LogEntry | undefined {
  let line: Line
  try {
    line = JSON.parse(text) as Line
  } catch {
    return undefined
  }
  const bytes = line.b === undefined ? Buffer.from(line.l ?? '') : Buffer.from(line.b, 'base64')
  return {
    stream: line.s === 'e' ? 'stderr' : 'stdout',
    line: line.l ?? bytes.toString('utf8'),
    bytes,
    partial: line.p ?? false,
    timeNs: BigInt(line.t),
    cursor: end ? `${end.inode}:${end.offset}:${line.t}` : '',
  }
}

/** The position that a cursor stands for; undefined for what is no cursor. */
export function parseCursor(cursor: string): LogPosition | undefined {
  const [, inode, offset, timeNs] = /^(\d{1,20}):(\d{1,15}):(\d{1,20})$/.exec(cursor) ?? []
  return inode === undefined ? undefined : { inode, offset: Number(offset), timeNs: BigInt(timeNs as string) }
}
