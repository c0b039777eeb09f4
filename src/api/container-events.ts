// SPDX-License-Identifier: Apache-2.0
import type { Subject } from '../container/operate.js'
import type { TrackedContainer } from '../container/tracked-container.js'
import { checkListener } from '../events/check-listener.js'
import type { EventMap, LifecycleEventType } from '../events/engine-event.js'
import { lifecycleEventTypes } from '../events/event-types.js'
import { ContainerReach } from './container-reach.js'

/** What a container tells of itself. */
export abstract class ContainerEvents extends ContainerReach {
  readonly #container: TrackedContainer

  /** @internal */
  constructor(subject: Subject) {
    super(subject)
    this.#container = subject.container
  }

  /** Calls the listener for each event of that type in its life. */
  on<K extends LifecycleEventType>(type: K, listener: (event: EventMap[K]) => void): this {
    checkListener(lifecycleEventTypes, type, listener)
    this.#container.emitter.on(type, listener)
    return this
  }

  /** As {@link ContainerEvents.on}, for one event. */
  once<K extends LifecycleEventType>(type: K, listener: (event: EventMap[K]) => void): this {
    checkListener(lifecycleEventTypes, type, listener)
    this.#container.emitter.once(type, listener)
    return this
  }

  /** Takes back a listener that was given to {@link ContainerEvents.on}. */
  off<K extends LifecycleEventType>(type: K, listener: (event: EventMap[K]) => void): this {
    checkListener(lifecycleEventTypes, type, listener)
    this.#container.emitter.off(type, listener)
    return this
  }

  /** @internal For `console.log` and messages of assertions, some of which would else call `inspect`. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    const { id, name, state } = this.#container
    return `Container { name: '${name}', state: '${state}', id: '${id}' }`
  }
}
