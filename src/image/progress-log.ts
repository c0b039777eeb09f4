// SPDX-License-Identifier: Apache-2.0

interface Entry<T> {
  readonly sequence: number
  readonly event: T
}

/**
 * What an operation tells of its progress, for any number of loops that begin whenever they like. For each key only the latest is kept: a
 * slow loop skips what is out of date, a late one begins with how things stand, and the memory does not grow.
 */
export class ProgressLog<T> {
  readonly #latest = new Map<string, Entry<T>>()
  readonly #listener: ((event: T) => void) | undefined
  #sequence = 0
  #ended = false
  #failure: { readonly error: unknown } | undefined
  #waiting: (() => void)[] = []

  /** `listener` is told of every event at once; an error that it throws becomes an uncaught exception of its own. */
  constructor(listener?: (event: T) => void) {
    this.#listener = listener
  }

  report(key: string, event: T): void {
    if (this.#ended) return
    // Deleted first, so that the map is in the order of the sequence.
    this.#latest.delete(key)
    this.#latest.set(key, { sequence: ++this.#sequence, event })
    this.#tell(event)
    this.#wake()
  }

  /** Nothing more comes; with a failure, each loop ends with that. */
  end(failure?: { readonly error: unknown }): void {
    if (this.#ended) return
    this.#ended = true
    this.#failure = failure
    this.#wake()
  }

  async *events(): AsyncGenerator<T, void> {
    for (let seen = 0; ; ) {
      const next = this.#after(seen)
      if (next) {
        seen = next.sequence
        yield next.event
      } else if (this.#ended) {
        if (this.#failure) throw this.#failure.error
        return
      } else {
        await new Promise<void>((resolve) => this.#waiting.push(resolve))
      }
    }
  }

  #after(seen: number): Entry<T> | undefined {
    if (seen === this.#sequence) return undefined
    for (const entry of this.#latest.values()) if (entry.sequence > seen) return entry
    return undefined
  }

  #tell(event: T): void {
    try {
      this.#listener?.(event)
    } catch (error) {
      process.nextTick(() => {
        throw error
      })
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
