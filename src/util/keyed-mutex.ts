// SPDX-License-Identifier: Apache-2.0
import { onAbort } from './abort.js'

interface Waiter {
  readonly grant: () => void
}

/** Mutual exclusion within this process, one queue a key, first come first served. Not reentrant. */
export class KeyedMutex {
  readonly #queues = new Map<string, Waiter[]>()

  /** Runs `work` when nobody else holds the key. With a signal, gives up waiting (never the work) when it aborts. */
  async run<T>(key: string, work: () => Promise<T> | T, signal?: AbortSignal): Promise<T> {
    const release = await this.acquire(key, signal)
    try {
      return await work()
    } finally {
      release()
    }
  }

  /** Takes the key; the returned function gives it back (once; calling it again does nothing). */
  async acquire(key: string, signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted()
    const queue = this.#queues.get(key)
    if (queue === undefined) {
      this.#queues.set(key, [])
      return this.#releaser(key)
    }
    await this.#turn(queue, signal)
    return this.#releaser(key)
  }

  /** Whether somebody holds the key. */
  isHeld(key: string): boolean {
    return this.#queues.has(key)
  }

  #turn(queue: Waiter[], signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        grant: () => {
          stopListening()
          resolve()
        },
      }
      queue.push(waiter)
      const stopListening = onAbort(signal, (reason) => {
        queue.splice(queue.indexOf(waiter), 1)
        reject(reason)
      })
    })
  }

  #releaser(key: string): () => void {
    let held = true
    return () => {
      if (!held) return
      held = false
      const next = this.#queues.get(key)?.shift()
      if (next === undefined) this.#queues.delete(key)
      else next.grant()
    }
  }
}
