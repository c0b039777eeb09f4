// SPDX-License-Identifier: Apache-2.0
import { dirname } from 'node:path'
import { LogFile } from './log-file.js'

/** The files of a log, oldest first. */
export interface LogFiles {
  readonly files: LogFile[]
  /** Whether the first of them is the one that was looked for. */
  readonly found: boolean
}

/** Opens the files of a log from the newest back to the one for which `isFirst` holds; all of them where it holds for none. */
export async function openLogFiles(
  path: string,
  isFirst: (file: LogFile) => Promise<boolean> | boolean,
): Promise<LogFiles> {
  const newestFirst: LogFile[] = []
  for (let number = 0; ; number++) {
    const file = await LogFile.open(number === 0 ? path : `${path}.${number}`)
    // Rotation leaves a moment in which there is no newest file.
    if (file === undefined && number > 0) return { files: newestFirst.reverse(), found: false }
    if (file === undefined) continue
    // Rotated between two looks, it is met twice.
    if (newestFirst.some(({ inode }) => inode === file.inode)) {
      await file.close()
      continue
    }
    newestFirst.push(file)
    if (await isFirst(file)) return { files: newestFirst.reverse(), found: true }
  }
}

/** The directory that changes when a log does. */
export function logDirectory(path: string): string {
  return dirname(path)
}
