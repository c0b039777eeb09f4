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
}

/** A line of log.jsonl as an entry; undefined for one that a crash cut short. */
export function parseLogLine(text: string, end: LogPosition): LogEntry | undefined {
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
    cursor: `${end.inode}:${end.offset}`,
  }
}

/** The position that a cursor stands for; undefined for what is no cursor. */
export function parseCursor(cursor: string): LogPosition | undefined {
  const match = /^(\d{1,20}):(\d{1,15})$/.exec(cursor)
  return match ? { inode: match[1] as string, offset: Number(match[2]) } : undefined
}
