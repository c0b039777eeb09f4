// SPDX-License-Identifier: Apache-2.0
import type { FileHandle } from 'node:fs/promises'
import { delay } from '../util/delay.js'
import { addon } from './addon.js'
import { type FileLock, longestPauseMs, openLockFile, takeLock } from './file-lock.js'
import { nativeCall } from './native-call.js'

const longestHoldMs = 1000

/**
 * A shared lock for those who take it often and for moments: its file stays open, so that taking it and letting go cost a system call each.
 * All holders of one of these are one holder to other processes.
 */
export class SharedLock {
  readonly #path: string
  #file: Promise<FileHandle> | undefined
  #holders = 0
  #since = 0

  constructor(path: string) {
    this.#path = path
  }

  /** Waits for whoever holds it exclusively; rejects with the signal's reason when that aborts first. */
  async hold(signal?: AbortSignal): Promise<FileLock> {
    const file = await this.#opened()
    for (let pause = 1; !this.#take(file); pause = Math.min(pause * 2, longestPauseMs)) {
      await delay(pause * (0.5 + Math.random() / 2), signal)
    }
    this.#holders++
    let held = true
    return {
      release: async () => {
        if (held && --this.#holders === 0) this.#let(file)
        held = false
      },
    }
  }

  /** Closes the file; nobody holds the lock any more. */
  async close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    this.#holders = 0
    await (await file)?.close()
  }

  // One that could not be opened, for want of a descriptor say, is tried again by the next.
  async #opened(): Promise<FileHandle> {
    this.#file ??= openLockFile(this.#path)
    const file = this.#file
    try {
      return await file
    } catch (error) {
      if (this.#file === file) this.#file = undefined
      throw error
    }
  }

  // Whoever waits to be alone looks again every now and then: where holders take turns without an end, they make room for one such look.
  #take(file: FileHandle): boolean {
    const now = performance.now()
    if (this.#holders > 0) return now - this.#since < longestHoldMs
    if (now < this.#since || !takeLock(file, 'shared')) return false
    this.#since = now
    return true
  }

  #let(file: FileHandle): void {
    const now = performance.now()
    this.#since = now - this.#since < longestHoldMs ? now : now + 2 * longestPauseMs
    nativeCall(() => addon().unlock(file.fd))
  }
}
