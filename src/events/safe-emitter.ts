// SPDX-License-Identifier: Apache-2.0
import { EventEmitter } from 'eventemitter3'

type Listener<T> = (event: T) => void

// One wrapper a listener, whoever it listens to, so that `off` finds what `on` added.
const guardedListeners = new WeakMap<object, Listener<never>>()

/**
 * Listeners by event type. One that throws disturbs neither the others nor the emitter: its error becomes an uncaught
 * exception of its own, as with Node's emitters.
 */
export class SafeEmitter<Events extends object> {
  // Most containers have no listener in all their life.
  #emitter: EventEmitter | undefined

  on<K extends keyof Events & string>(type: K, listener: Listener<Events[K]>): void {
    this.#listening().on(type, guard(listener))
  }

  once<K extends keyof Events & string>(type: K, listener: Listener<Events[K]>): void {
    this.#listening().once(type, guard(listener))
  }

  off<K extends keyof Events & string>(type: K, listener: Listener<Events[K]>): void {
    this.#emitter?.off(type, guard(listener))
  }

  emit<K extends keyof Events & string>(type: K, event: Events[K]): void {
    this.#emitter?.emit(type, event)
  }

  listenerCount(type: keyof Events & string): number {
    return this.#emitter?.listenerCount(type) ?? 0
  }

  removeAllListeners(): void {
    this.#emitter?.removeAllListeners()
  }

  #listening(): EventEmitter {
    this.#emitter ??= new EventEmitter()
    return this.#emitter
  }
}

function guard<T>(listener: Listener<T>): Listener<T> {
  let guarded = guardedListeners.get(listener) as Listener<T> | undefined
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
    guardedListeners.set(listener, guarded)
  }
  return guarded
}
