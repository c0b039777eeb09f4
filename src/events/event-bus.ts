// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto'
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { check, checkOptions, type Shape } from '../util/validate.js'
import { checkListener } from './check-listener.js'
import type { EngineEvent, EventDraft, EventMap, EventType } from './engine-event.js'
import { checkEventFilter, type EventFilter, eventPredicate } from './event-filter.js'
import { EventStream } from './event-stream.js'
import { eventTypes } from './event-types.js'
import { SafeEmitter } from './safe-emitter.js'

/** How to listen to a stream of events. */
export interface EventOptions {
  /** The cursor of the last event seen: everything after it comes first. */
  readonly since?: string | undefined
  /** Which events are wanted; all by default. */
  readonly filter?: EventFilter | undefined
  /** Aborted: the loop ends with the reason. */
  readonly signal?: AbortSignal | undefined
}

const eventOptionsShape: Shape<EventOptions> = {
  since: check.nonEmptyString,
  filter: checkEventFilter,
  signal: check.signal,
}

/** How a bus is made. */
export interface EventBusOptions {
  /** How many events are kept for resumption; 4096 by default. */
  readonly history?: number | undefined
  /** Called with true when somebody begins to wait for events, with false when nobody does any more. */
  readonly onWaiting?: ((waiting: boolean) => void) | undefined
}

/** The events of one engine in this process, in order: to listeners at once, to loops when they come around. */
export class EventBus {
  readonly #emitter = new SafeEmitter<EventMap>()
  readonly #history: EngineEvent[] = []
  readonly #capacity: number
  readonly #streams = new Set<EventStream>()
  readonly #onWaiting: ((waiting: boolean) => void) | undefined
  readonly #epoch = randomBytes(4).toString('hex')
  #count = 0
  #waiting = 0
  #closed = false

  constructor(options: EventBusOptions = {}) {
    this.#capacity = options.history ?? 4096
    this.#onWaiting = options.onWaiting
  }

  /** Tells everybody; adds the cursor and time that the draft lacks. Returns the event as it was told; one that lacks nothing becomes it. */
  publish(draft: EventDraft): EngineEvent {
    const isWhole = draft.cursor !== undefined && draft.time !== undefined
    const event = Object.freeze(
      isWhole ? draft : { ...draft, cursor: draft.cursor ?? this.#nextCursor(), time: draft.time ?? new Date() },
    ) as EngineEvent
    this.#history.push(event)
    if (this.#history.length > this.#capacity) this.#history.shift()
    this.#count++
    this.#emitter.emit(event.type, event as never)
    for (const stream of this.#streams) stream.deliver(event)
    return event
  }

  on<K extends EventType>(type: K, listener: (event: EventMap[K]) => void): void {
    checkListener(eventTypes, type, listener)
    this.#emitter.on(type, listener)
  }

  once<K extends EventType>(type: K, listener: (event: EventMap[K]) => void): void {
    checkListener(eventTypes, type, listener)
    this.#emitter.once(type, listener)
  }

  off<K extends EventType>(type: K, listener: (event: EventMap[K]) => void): void {
    checkListener(eventTypes, type, listener)
    this.#emitter.off(type, listener)
  }

  /**
   * Events from the call on, or from after `since`. A cursor that is no longer kept is ERR_INVALID_ARGUMENT; a loop
   * that falls too far behind fails with ERR_RESOURCE_EXHAUSTED; an aborted signal ends it with its reason.
   */
  events(options: EventOptions = {}): AsyncIterableIterator<EngineEvent> {
    checkOptions<EventOptions>(options, eventOptionsShape)
    options.signal?.throwIfAborted()
    const start = options.since === undefined ? this.#count : this.#positionAfter(options.since)
    const stream = new EventStream({
      accept: eventPredicate(options.filter),
      signal: options.signal,
      // Not before the first step, so that a stream nobody reads costs nothing.
      onStart: () => this.#attach(stream, start),
      onEnd: () => this.#streams.delete(stream),
      onWaiting: (waiting) => this.#countWaiting(waiting),
    })
    return stream
  }

  /** Ends all loops; listeners hear nothing more. */
  close(): void {
    this.#closed = true
    for (const stream of [...this.#streams]) stream.end()
    this.#emitter.removeAllListeners()
  }

  #attach(stream: EventStream, start: number): void {
    const oldest = this.#count - this.#history.length
    if (start < oldest) {
      stream.fail(
        new EngineError({ code: 'ERR_RESOURCE_EXHAUSTED', message: 'events were lost: the loop began too late' }),
      )
      return
    }
    for (const event of this.#history.slice(start - oldest)) stream.deliver(event)
    if (this.#closed) stream.end()
    else this.#streams.add(stream)
  }

  #positionAfter(cursor: string): number {
    const index = this.#history.findLastIndex((event) => event.cursor === cursor)
    if (index >= 0) return this.#count - this.#history.length + index + 1
    throw invalidArgument(
      'since',
      'the cursor is unknown or too old',
      'list the containers anew, then follow events without since',
    )
  }

  #nextCursor(): string {
    return `${this.#epoch}.${this.#count + 1}`
  }

  #countWaiting(waiting: boolean): void {
    const before = this.#waiting
    this.#waiting += waiting ? 1 : -1
    if (before === 0 || this.#waiting === 0) this.#onWaiting?.(this.#waiting > 0)
  }
}
