// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { nativeError } from '../errors/native-failure.js'
import { delay } from '../util/delay.js'
import { addon } from './addon.js'
import { nativeCall } from './native-call.js'

export type LockMode = 'shared' | 'exclusive'

/** A lock that is held: until it is released, its process ends, or its worker thread ends. */
export interface FileLock {
  release(): Promise<void>
}

/** Between two looks of whoever waits for a lock. */
export const longestPauseMs = 20
// O_CLOEXEC is always set by Node.
const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW

/**
 * Locks between processes, and between the holders within one (flock(2), one open file each). The file is made with mode 0600
 * and stays: removing it would split those who wait from those who come.
 */
export class FileLocker {
  /** Waits for the lock; rejects with the signal's reason when that aborts first. */
  async lock(
    path: string,
    mode: LockMode,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<FileLock> {
    options.signal?.throwIfAborted()
    const file = await openLockFile(path)
    try {
      // A blocking flock(2) would hold one of libuv's four threads, and could not be aborted.
      for (let pause = 1; !takeLock(file, mode); pause = Math.min(pause * 2, longestPauseMs)) {
        await delay(pause * (0.5 + Math.random() / 2), options.signal)
      }
    } catch (error) {
      await file.close()
      throw error
    }
    return { release: () => file.close() }
  }

  /** The lock, or null where somebody else holds one against it. */
  async tryLock(path: string, mode: LockMode): Promise<FileLock | null> {
    const file = await openLockFile(path)
    let taken = false
    try {
      taken = takeLock(file, mode)
    } finally {
      if (!taken) await file.close()
    }
    return taken ? { release: () => file.close() } : null
  }
}

/** Takes the lock, unless somebody else holds one against it. */
export function takeLock(file: FileHandle, mode: LockMode): boolean {
  return nativeCall(() => addon().tryLock(file.fd, mode === 'exclusive'))
}

/** Opens the file of a lock, which is made if need be. */
export async function openLockFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, flags, 0o600)
  } catch (error) {
    throw nativeError({ step: 'open lock file', errno: (error as NodeJS.ErrnoException).code ?? 'EIO', object: path })
  }
}
