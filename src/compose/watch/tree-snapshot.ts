// SPDX-License-Identifier: Apache-2.0
import type { BigIntStats } from 'node:fs'

/** What a look at one path showed. */
export interface SnapshotChange {
  /** What was there and is not any more: the path first, and what was below it. */
  readonly gone: readonly string[]
  readonly wasDirectory: boolean
  /** Whether it is there, and was not, or not so. */
  readonly isNew: boolean
}

interface Entry {
  readonly isDirectory: boolean
  readonly stamp: string
}

/** The files and directories of a tree, as they were when they were last looked at. */
export class TreeSnapshot {
  readonly #entries = new Map<string, Entry>()
  readonly #children = new Map<string, Set<string>>()

  isDirectory(path: string): boolean {
    return this.#entries.get(path)?.isDirectory ?? false
  }

  paths(): Iterable<string> {
    return this.#entries.keys()
  }

  namesIn(directory: string): ReadonlySet<string> {
    return this.#children.get(directory) ?? new Set()
  }

  /** Puts in what is there now; undefined: nothing. */
  note(path: string, stats: BigIntStats | undefined): SnapshotChange {
    const before = this.#entries.get(path)
    const now = stats && entryOf(stats)
    const wasDirectory = before?.isDirectory ?? false
    if (before?.stamp === now?.stamp) return { gone: [], wasDirectory, isNew: false }
    // A file that is another one now is written, not removed.
    const isReplaced = before !== undefined && (now === undefined || before.isDirectory || now.isDirectory)
    const gone = isReplaced ? this.#forget(path) : []
    if (now) this.#set(path, now)
    return { gone, wasDirectory, isNew: now !== undefined }
  }

  #set(path: string, entry: Entry): void {
    this.#entries.set(path, entry)
    if (path === '') return
    const [parent, name] = split(path)
    const names = this.#children.get(parent) ?? new Set()
    this.#children.set(parent, names.add(name))
  }

  #forget(path: string): readonly string[] {
    const gone = [path]
    for (const name of this.namesIn(path)) gone.push(...this.#forget(path === '' ? name : `${path}/${name}`))
    this.#entries.delete(path)
    this.#children.delete(path)
    const [parent, name] = split(path)
    if (path !== '') this.#children.get(parent)?.delete(name)
    return gone
  }
}

// The time of the last change of anything but the content is in it, too: modes, and files put in the place of others.
function entryOf(stats: BigIntStats): Entry {
  const { ino, size, ctimeNs, mode } = stats
  const isDirectory = stats.isDirectory()
  return { isDirectory, stamp: isDirectory ? `directory ${ino}` : `${ino} ${size} ${ctimeNs} ${mode}` }
}

function split(path: string): readonly [parent: string, name: string] {
  const slash = path.lastIndexOf('/')
  return [slash < 0 ? '' : path.slice(0, slash), path.slice(slash + 1)]
}
