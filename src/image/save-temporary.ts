// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { takeLock } from '../native/file-lock.js'

/** What is being saved, beside its target until it is whole. */
export interface SaveTemporary {
  readonly path: string
  /** Gives it the target's name, on the disk. */
  finish(): Promise<void>
  /** Removes it; nothing happens once it is finished. */
  discard(): Promise<void>
}

/**
 * Begins a file or a directory beside the target, whose process holds a lock on it. What lies there of an earlier save without one was left
 * by a process that was killed, and is removed.
 */
export async function beginSave(target: string, kind: 'file' | 'directory'): Promise<SaveTemporary> {
  await sweep(target)
  for (;;) {
    const path = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`)
    const handle = await make(path, kind)
    // Another save may have swept it away in the moment before it was locked.
    if (takeLock(handle, 'exclusive') && (await exists(path))) return temporaryAt(path, target, handle)
    await handle.close()
  }
}

async function make(path: string, kind: 'file' | 'directory'): Promise<FileHandle> {
  if (kind === 'file') return await open(path, 'wx', 0o644)
  await mkdir(path)
  return await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
}

function temporaryAt(path: string, target: string, handle: FileHandle): SaveTemporary {
  let left = true
  return {
    path,
    finish: async () => {
      await handle.sync()
      await rename(path, target)
      left = false
      await handle.close()
    },
    discard: async () => {
      if (!left) return
      left = false
      await rm(path, { recursive: true, force: true })
      await handle.close()
    },
  }
}

async function sweep(target: string): Promise<void> {
  const directory = dirname(target)
  const prefix = `.${basename(target)}.`
  for (const name of await readdir(directory).catch(() => [])) {
    if (!name.startsWith(prefix) || !/^[0-9a-f]{12}\.tmp$/.test(name.slice(prefix.length))) continue
    const path = join(directory, name)
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null)
    if (handle === null) continue
    if (takeLock(handle, 'exclusive')) await rm(path, { recursive: true, force: true }).catch(() => {})
    await handle.close()
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null
}
