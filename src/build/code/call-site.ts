// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url'

/** Where a function of ours was called: a place in the caller's program. */
export interface CallSite {
  /** A path. */
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
}

/** Where `called`, which is running, was called; null where that cannot be told, as in code without a file. */
export function callSite(called: (...args: never) => unknown): CallSite | null {
  const before = Error.stackTraceLimit
  const holder: { stack?: string } = {}
  try {
    Error.stackTraceLimit = 1
    Error.captureStackTrace(holder, called)
    // The text is made, with the lines of the sources where these are known, when it is asked for.
    return parseFrame(String(holder.stack).split('\n').at(-1) ?? '')
  } finally {
    Error.stackTraceLimit = before
  }
}

function parseFrame(frame: string): CallSite | null {
  const [, place, line, column] = /^ {4}at (?:.*\()?([^()]+):(\d+):(\d+)\)?$/.exec(frame) ?? []
  if (place === undefined) return null
  const file = place.startsWith('file://') ? fileURLToPath(place) : place
  return { file, line: Number(line), column: Number(column) }
}
