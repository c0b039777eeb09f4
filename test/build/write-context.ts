// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { chmod, link, mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { tarOfEntries } from '../support/layered-layout.js'
import type { Context, ContextEntry } from './build-case.js'

type Change = string | ContextEntry | null
type Archive = Extract<ContextEntry, { type: 'tar' }>

/** Writes the entries below a directory, in their order and over what is there; null removes. Modes are as said, whatever the umask. */
export const writeContext = async (directory: string, context: Context | Readonly<Record<string, Change>>) => {
  await makeDirectory(directory)
  for (const [name, entry] of Object.entries(context)) {
    const path = join(directory, name)
    await makeParents(directory, path)
    const isDirectory = typeof entry === 'object' && entry?.type === 'directory'
    if (!isDirectory) await rm(path, { recursive: true, force: true })
    if (entry !== null)
      await write(directory, path, typeof entry === 'string' ? { type: 'file', content: entry } : entry)
  }
}

const makeDirectory = async (path: string, mode = 0o755) => {
  await mkdir(path, { recursive: true })
  await chmod(path, mode)
}

const makeParents = async (root: string, path: string): Promise<void> => {
  const parent = dirname(path)
  if (parent.length <= root.length) return
  await makeParents(root, parent)
  if (await mkdir(parent, { recursive: true })) await chmod(parent, 0o755)
}

const write = async (root: string, path: string, entry: ContextEntry): Promise<void> => {
  switch (entry.type) {
    case 'file':
      await writeFile(path, entry.content)
      await chmod(path, entry.mode ?? 0o644)
      if (entry.mtime !== undefined) await utimes(path, entry.mtime, entry.mtime)
      return
    case 'directory':
      return makeDirectory(path, entry.mode)
    case 'symlink':
      return symlink(entry.target, path)
    case 'hardlink':
      return link(join(root, entry.target), path)
    case 'fifo':
      execFileSync('mkfifo', [path])
      return chmod(path, entry.mode ?? 0o644)
    case 'tar':
      return writeFile(path, compressed(entry))
  }
}

const compressed = ({ entries, compression }: Archive): Buffer => {
  const tar = tarOfEntries(entries)
  return compression === undefined ? tar : execFileSync(compression, ['-c'], { input: tar })
}
