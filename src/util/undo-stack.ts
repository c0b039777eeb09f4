// SPDX-License-Identifier: Apache-2.0
import { debugLog } from './debug-log.js'

type Release = () => void | Promise<void>

/** What has been acquired so far, released in reverse unless the whole succeeded. */
export class UndoStack {
  readonly #entries: { readonly step: string; readonly release: Release }[] = []

  /** Remembers how to release what `step` acquired. */
  push(step: string, release: Release): void {
    this.#entries.push({ step, release })
  }

  /** Keeps everything: nothing will be released. */
  commit(): void {
    this.#entries.length = 0
  }

  /** Releases everything in reverse. A release that fails stops no other; the failures are returned. */
  async undo(): Promise<readonly unknown[]> {
    const failures: unknown[] = []
    for (let entry = this.#entries.pop(); entry !== undefined; entry = this.#entries.pop()) {
      try {
        await entry.release()
      } catch (error) {
        debugLog('undo of %s failed: %o', entry.step, error)
        failures.push(error)
      }
    }
    return failures
  }

  /** Runs `work`; when it fails, releases what it acquired and rejects with its error. */
  static async run<T>(work: (undo: UndoStack) => Promise<T>): Promise<T> {
    const undo = new UndoStack()
    try {
      const result = await work(undo)
      undo.commit()
      return result
    } catch (error) {
      await undo.undo()
      throw error
    }
  }
}
