// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** What a machine tells of itself in files. What cannot be read is undefined: it is said of nobody then. */
export interface HostFiles {
  /** Without the newline at its end. */
  text(path: string): Promise<string | undefined>
  /** Names in a directory, in order. */
  names(path: string): Promise<readonly string[]>
  /** The bits that chmod sets. */
  mode(path: string): Promise<number | undefined>
}

/** The files below `root`, `/` for this machine. */
export function hostFiles(root: string): HostFiles {
  const at = (path: string) => join(root, path)
  return {
    text: (path) =>
      readFile(at(path), 'utf8').then(
        (text) => text.trimEnd(),
        () => undefined,
      ),
    names: (path) =>
      readdir(at(path)).then(
        (names) => names.sort(),
        () => [],
      ),
    mode: (path) =>
      stat(at(path)).then(
        ({ mode }) => mode & 0o7777,
        () => undefined,
      ),
  }
}
