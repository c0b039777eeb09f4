// SPDX-License-Identifier: Apache-2.0
import { EventEmitter } from 'eventemitter3'

type Listener<T> = (event: T) => void

/**
 * Listeners by event type. One that throws disturbs neither the others nor the emitter: its error becomes an uncaught
 * exception of its own, as with Node's emitters.
 */
export class SafeEmitter<Events extends object> {
  readonly #emitter = new EventEmitter()
  readonly #guarded = new WeakMap<object, Listener<never>>()

  on<K extends keyof Events & string>(type: K, listener: Listener<Events[K]>): void {
    this.#emitter.on(type, this.#guard(listener))
  }

  once<K extends keyof Events & string>(type: K, listener: Listener<Events[K]>): void {
    this.#emitter.once(type, this.#guard(listener))
  }

  off<K extends keyof Events & string>(type: K, listener: Listener<Events[K]>): void {
    this.#emitter.off(type, this.#guard(listener))
  }

  emit<K extends keyof Events & string>(type: K, event: Events[K]): void {
    this.#emitter.emit(type, event)
  }

  listenerCount(type: keyof Events & string): number {
    return this.#emitter.listenerCount(type)
  }

  removeAllListeners(): void {
    this.#emitter.removeAllListeners()
  }

  // One wrapper a listener, so that `off` finds what `on` added.
  #guard<T>(listener: Listener<T>): Listener<T> {
    let guarded = this.#guarded.get(listener) as Listener<T> | undefined
    if (guarded === undefined) {
      guarded = (event) => {
        try {
          listener(event)
        } catch (error) {
          process.nextTick(() => {
            throw error
          })
        }
      }
      this.#guarded.set(listener, guarded)
    }
    return guarded
  }
}
