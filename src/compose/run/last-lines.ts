// SPDX-License-Identifier: Apache-2.0
import type { Container, ExitStatus, LogEntry } from 'tscontainer'

const lineCount = 20
const longestLine = 400

/** The last of what a container wrote; none where its log is gone, or kept elsewhere. */
export async function lastEntries(container: Container): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = []
  try {
    for await (const entry of container.logs({ tail: lineCount })) entries.push(entry)
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
  if (oomKilled) return 'was killed, since it ran out of memory'
  return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`
}
