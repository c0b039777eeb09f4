// SPDX-License-Identifier: Apache-2.0
import type { BigIntStats } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { TarItem } from '../../layer/build-tar.js'
import { readRegularFile } from '../../util/atomic-file.js'

/** A path of the host that was looked at, and what it was then: a stamp that differs after every change, or null for nothing. */
export type HostInput = readonly [path: string, stamp: string | null]

const maxFileBytes = 16 * 1024 * 1024
const maxDepth = 8

/** Takes over files of the host as they are, and remembers everything that was looked at on the way. */
export class HostFiles {
  readonly #root: string
  readonly items: TarItem[] = []
  readonly inputs: HostInput[] = []

  /** `root`: the directory that stands for /. */
  constructor(root: string) {
    this.#root = root
  }

  /** A symlink's target; undefined where there is none, null where there is something else. */
  async link(path: string): Promise<string | null | undefined> {
    const stat = await this.#look(path)
    if (stat === null) return undefined
    return stat.isSymbolicLink() ? await readlink(this.#at(path)) : null
  }

  /** The content of a file that everybody may read; null if there is none. */
  async content(path: string): Promise<Uint8Array | null> {
    const stat = await this.#look(path)
    return stat?.isFile() && isPublic(stat) ? await readRegularFile(this.#at(path), maxFileBytes) : null
  }

  async exists(path: string): Promise<boolean> {
    return (await this.#look(path)) !== null
  }

  /** Copies a file, link or tree; nothing where there is nothing. What not everybody may read stays behind, and so does what is none of these. */
  async copy(path: string, depth = 0): Promise<void> {
    const stat = await this.#look(path)
    if (stat === null || depth > maxDepth) return
    if (stat.isSymbolicLink()) this.items.push({ type: 'symlink', path, target: await readlink(this.#at(path)) })
    else if (stat.isFile() && isPublic(stat) && stat.size <= maxFileBytes) await this.#copyFile(path, stat)
    else if (stat.isDirectory() && isPublic(stat)) await this.#copyDirectory(path, depth)
  }

  async #copyFile(path: string, stat: BigIntStats): Promise<void> {
    const data = await readRegularFile(this.#at(path), maxFileBytes)
    const mode = Number(stat.mode & 0o111n) === 0 ? 0o644 : 0o755
    if (data !== null) this.items.push({ type: 'file', path, mode, data })
  }

  async #copyDirectory(path: string, depth: number): Promise<void> {
    this.items.push({ type: 'directory', path, mode: 0o755 })
    const entries = await readdir(this.#at(path), { withFileTypes: true })
    for (const entry of entries) {
      const below = `${path}/${entry.name}`
      // A link cannot change without its directory: thousands of them need no stamp of their own.
      if (entry.isSymbolicLink()) {
        this.items.push({ type: 'symlink', path: below, target: await readlink(this.#at(below)) })
      } else await this.copy(below, depth + 1)
    }
  }

  async #look(path: string): Promise<BigIntStats | null> {
    const stat = await lstat(this.#at(path), { bigint: true }).catch(ifMissing)
    this.inputs.push([path, stat && stampOf(stat)])
    return stat
  }

  #at(path: string): string {
    return join(this.#root, path)
  }
}

/** Whether everything that was looked at is as it was. */
export async function isUnchanged(root: string, inputs: readonly HostInput[]): Promise<boolean> {
  const same = await Promise.all(
    inputs.map(async ([path, stamp]) => {
      const stat = await lstat(join(root, path), { bigint: true }).catch(ifMissing)
      return (stat && stampOf(stat)) === stamp
    }),
  )
  return same.every(Boolean)
}

function stampOf({ ino, mode, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [ino, mode, size, mtimeNs, ctimeNs].join(' ')
}

function isPublic({ mode }: BigIntStats): boolean {
  return (mode & 0o004n) !== 0n
}

function ifMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
  throw error
}
