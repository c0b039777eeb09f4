// SPDX-License-Identifier: Apache-2.0
import type { EngineEvent, EventDraft } from '../events/engine-event.js'
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
    if (message.type === 'stopped') container?.beforeEnd?.(message.pipedLogBytes ?? 0)
    if (message.hidden) this.#receiveHidden(draft, container)
    else if (container && message.type !== 'removed') this.#publish(draft, container)
    else if (container) {
      this.forget(container.id)
      const { connection } = container
      this.#publish(draft, container)
      // Answers to what was asked of its monitor come after this event.
      if (container.detached && connection) setTimeout(() => connection.close(), lingerMs).unref()
    } else this.#bus.publish(draft)
  }

  // One of the engine's own: whoever made it waits for its end.
  #receiveHidden(draft: EventDraft, container: TrackedContainer | undefined): void {
    if (!container) return
    if (draft.type === 'removed') this.forget(container.id)
    tell(draft, container, (told) => told as EngineEvent)
  }

  /** It turned out to be gone, and nothing told of its end. */
  drop(container: TrackedContainer, error: unknown): void {
    const { connection, detached } = container
    if (this.#containers.get(container.id) === container) this.#lose(container, error)
    if (detached) connection?.close()
  }

  /** The supervisor is gone, and with it every container that has no monitor. */
  lose(error: unknown): void {
    for (const container of this.all()) if (!container.detached) this.#lose(container, error)
  }

  /** The engine was closed: the containers of this process end, of all others it hears no more. */
  close(error: unknown): void {
    for (const container of this.all()) {
      if (container.owned && !container.detached) this.#lose(container, error)
      else container.abandon(error, { gone: false })
    }
    this.#containers.clear()
  }

  #lose(container: TrackedContainer, error: unknown): void {
    const { id, name, record } = container
    this.forget(id)
    container.abandon(error, { gone: true })
    if (!container.hidden)
      this.#publish({ type: 'removed', container: { id, name, labels: record?.labels ?? {} } }, container)
  }

  #publish(draft: EventDraft, container: TrackedContainer): void {
    tell(draft, container, (told) => this.#bus.publish(told))
  }
}

function tell(draft: EventDraft, container: TrackedContainer, publish: (draft: EventDraft) => EngineEvent): void {
  // The snapshot first: whoever listens sees it as it is then.
  container.apply(draft)
  const event = publish(draft)
  container.emitter.emit(event.type, event as never)
}

function restarted(draft: EventDraft, container: TrackedContainer | undefined): EventDraft {
  return draft.type === 'running' && draft.reason === 'started' && container?.restarting
    ? { ...draft, reason: 'restarted' }
    : draft
}
