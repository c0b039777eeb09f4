// SPDX-License-Identifier: Apache-2.0

/** Called when the consumer leaves its loop early. */
type OnLeave = () => void

/**
 * A queue between a producer and one consuming loop. `push` waits while the queue is full, `offer` does not; after
 * `close` the consumer gets what is left and ends, after `fail` it gets what is left and then the error. Leaving the
 * loop closes the queue. A waiting consumer keeps no process alive.
 */
export class AsyncQueue<T> implements AsyncIterableIterator<T> {
  readonly #items: T[] = []
  readonly #capacity: number
  readonly #onLeave: OnLeave | undefined
  #takers: { resolve: (result: IteratorResult<T, undefined>) => void; reject: (error: unknown) => void }[] = []
  #pushers: (() => void)[] = []
  #closed = false
  #failure: { readonly error: unknown } | undefined

  /** `capacity`: how many items may wait before `push` does; unbounded by default. */
  constructor(options: { readonly capacity?: number | undefined; readonly onLeave?: OnLeave | undefined } = {}) {
    this.#capacity = options.capacity ?? Number.POSITIVE_INFINITY
    this.#onLeave = options.onLeave
  }

  get size(): number {
    return this.#items.length
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Adds the item, whatever the capacity; false if the queue is closed and the item was dropped. */
  offer(item: T): boolean {
    if (this.#closed) return false
    const taker = this.#takers.shift()
    if (taker) taker.resolve({ value: item, done: false })
    else this.#items.push(item)
    return true
  }

  /** Adds the item when there is room; resolves to false if the queue was closed and the item dropped. */
  async push(item: T): Promise<boolean> {
    while (!this.#closed && this.#items.length >= this.#capacity) {
      await new Promise<void>((resolve) => this.#pushers.push(resolve))
    }
    return this.offer(item)
  }

  /** Nothing more comes: the consumer ends after what is left. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#wakePushers()
    for (const taker of this.#takers.splice(0)) taker.resolve({ value: undefined, done: true })
  }

  /** Nothing more comes, for this reason: the consumer gets what is left, then the error. */
  fail(error: unknown): void {
    if (this.#closed) return
    const [first, ...others] = this.#takers.splice(0)
    if (first) first.reject(error)
    else this.#failure = { error }
    this.#takers = others
    this.close()
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#items.length > 0) return this.#taken(this.#items.shift() as T)
    if (this.#failure) {
      const { error } = this.#failure
      this.#failure = undefined
      return Promise.reject(error)
    }
    if (this.#closed) return Promise.resolve({ value: undefined, done: true })
    return new Promise((resolve, reject) => this.#takers.push({ resolve, reject }))
  }

  /** The consumer left its loop: what waits is dropped, producers are told by `push` and `offer`. */
  return(): Promise<IteratorResult<T, undefined>> {
    const left = !this.#closed
    this.#items.length = 0
    this.#failure = undefined
    this.close()
    if (left) this.#onLeave?.()
    return Promise.resolve({ value: undefined, done: true })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #taken(value: T): Promise<IteratorResult<T, undefined>> {
    this.#pushers.shift()?.()
    return Promise.resolve({ value, done: false })
  }

  #wakePushers(): void {
    for (const wake of this.#pushers.splice(0)) wake()
  }
}
