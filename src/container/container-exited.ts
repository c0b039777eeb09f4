// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { ExitStatus } from '../errors/exit-status.js'
import type { LogEntry } from '../errors/log-entry.js'
import { containerLogs } from './observe.js'
import type { Subject } from './operate.js'

const lineCount = 20
const longestLine = 400

/** The last of what it wrote, after `since`; none where the log is gone or there is no log. */
export async function lastEntries(subject: Subject, since?: string): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = []
  try {
    for await (const entry of containerLogs(subject, { tail: lineCount, since })) entries.push(entry)
  } catch {
    // What failed before is what is to be told.
  }
  return entries
}

/** The entries for the end of a message. */
export function lastLines(entries: readonly LogEntry[]): string {
  if (entries.length === 0) return '; it wrote nothing'
  const lines = entries.map(({ line }) => `  ${line.length > longestLine ? `${line.slice(0, longestLine)}…` : line}`)
  return `; its last lines:\n${lines.join('\n')}`
}

/** How it ended, as the middle of a sentence. */
export function howItEnded({ code, signal, oomKilled }: ExitStatus): string {
  if (oomKilled) return 'was killed, since it ran out of memory,'
  return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`
}

interface Exited {
  readonly exit: ExitStatus
  /** The rest of the sentence. */
  readonly when: string
  /** Only what was written after this cursor belongs to it. */
  readonly since?: string | undefined
}

/** ERR_CONTAINER_EXITED with how it ended and the last of what it wrote. */
export async function exitedError(subject: Subject, { exit, when, since }: Exited): Promise<EngineError> {
  const logs = await lastEntries(subject, since)
  const { name } = subject.container
  return new EngineError({
    code: 'ERR_CONTAINER_EXITED',
    message: `container '${name}' ${howItEnded(exit)} ${when}${lastLines(logs)}`,
    object: name,
    exit,
    logs,
  })
}
