// SPDX-License-Identifier: Apache-2.0
import { lstatSync } from 'node:fs'
import { isMissing, storeFailure } from './store-failure.js'

/**
 * Tells one content of a file from the next: a file that is replaced by rename has another inode or time each time. null: there is none.
 * Synchronous: each create asks, and the way through the thread pool takes a hundred times as long as the call.
 */
export function fileStamp(path: string, step: string): string | null {
  try {
    const { ino, size, mtimeNs, ctimeNs } = lstatSync(path, { bigint: true })
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`
  } catch (error) {
    if (isMissing(error)) return null
    throw storeFailure(error, step, path)
  }
}

/** What was read of files, each for as long as it stays the same. */
export class StampedFiles<T> {
  readonly #known = new Map<string, { readonly stamp: string; readonly value: T }>()

  /** What `read` makes of the file, or made of it before; undefined where there is none. */
  async get(path: string, step: string, read: () => Promise<T | undefined>): Promise<T | undefined> {
    const stamp = fileStamp(path, step)
    const known = this.#known.get(path)
    if (known && known.stamp === stamp) return known.value
    const value = stamp === null ? undefined : await read()
    if (stamp === null || value === undefined) this.#known.delete(path)
    else this.#known.set(path, { stamp, value })
    return value
  }
}
