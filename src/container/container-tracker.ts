// SPDX-License-Identifier: Apache-2.0
import type { EventDraft } from '../events/engine-event.js'
import type { EventBus } from '../events/event-bus.js'
import type { ContainerInfo, EventMessage } from '../native/messages.js'
import { TrackedContainer } from './tracked-container.js'
import { eventDraft } from './wire.js'

const lingerMs = 200

/** The containers that this process knows, one object for each, and the way of their events to listeners. */
export class ContainerTracker {
  readonly #bus: EventBus
  readonly #containers = new Map<string, TrackedContainer>()

  constructor(bus: EventBus) {
    this.#bus = bus
  }

  get(id: string): TrackedContainer | undefined {
    return this.#containers.get(id)
  }

  all(): readonly TrackedContainer[] {
    return [...this.#containers.values()]
  }

  /** From now on its events are taken in. */
  add(container: TrackedContainer): void {
    this.#containers.set(container.id, container)
  }

  forget(id: string): void {
    this.#containers.delete(id)
  }

  /** The container that the supervisor describes, known from before or new. */
  know(info: ContainerInfo): TrackedContainer {
    const known = this.#containers.get(info.id) ?? new TrackedContainer(info)
    known.update(info)
    this.add(known)
    return known
  }

  /** Takes in an event of the supervisor or a monitor: first the snapshots, then whoever listens. */
  receive(message: EventMessage): void {
    const container = this.#containers.get(message.container.id)
    const draft = restarted(eventDraft(message), container)
    if (container && message.type !== 'removed') this.#publish(draft, container)
    else if (container) {
      this.forget(container.id)
      const { connection } = container
      this.#publish(draft, container)
      // Answers to what was asked of its monitor come after this event.
      if (container.detached && connection) setTimeout(() => connection.close(), lingerMs).unref()
    } else this.#bus.publish(draft)
  }

  #publish(draft: EventDraft, container: TrackedContainer): void {
    // The draft has cursor and time: it is the event, but for being frozen.
    container.apply(draft as Parameters<TrackedContainer['apply']>[0])
    const event = this.#bus.publish(draft)
    container.emitter.emit(event.type, event as never)
  }
}

function restarted(draft: EventDraft, container: TrackedContainer | undefined): EventDraft {
  return draft.type === 'running' && draft.reason === 'started' && container?.restarting
    ? { ...draft, reason: 'restarted' }
    : draft
}
