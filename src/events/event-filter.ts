// SPDX-License-Identifier: Apache-2.0
import { type Check, check } from '../util/validate.js'
import type { EngineEvent, EventType } from './engine-event.js'
import { eventTypes } from './event-types.js'

/** Which events to hear of: all that is given has to hold. Or a function that says so. */
export type EventFilter = EventCriteria | ((event: EngineEvent) => boolean)

/** Which events are wanted; all that is given has to hold. */
export interface EventCriteria {
  /** Only events of these types. */
  readonly types?: readonly EventType[] | undefined
  /** Id or name of a container: events of others, and events of no container, are left out. */
  readonly container?: string | undefined
  /** Labels that the container has, with these values. */
  readonly labels?: Readonly<Record<string, string>> | undefined
}

const criteria = check.object<EventCriteria>({
  types: check.arrayOf(check.oneOf(...eventTypes)),
  container: check.nonEmptyString,
  labels: check.recordOf(check.string),
})

/** Refuses what is neither a function nor criteria, or names what there is not. */
export const checkEventFilter: Check = (filter, option) => {
  if (typeof filter !== 'function') criteria(filter, option)
}

/** The filter as a function. */
export function eventPredicate(filter: EventFilter | undefined): (event: EngineEvent) => boolean {
  if (filter === undefined) return () => true
  if (typeof filter === 'function') return filter
  const { types, container, labels } = filter
  const wanted = Object.entries(labels ?? {})
  return (event) => {
    if (types && !types.includes(event.type)) return false
    if (container === undefined && wanted.length === 0) return true
    if (!('container' in event)) return false
    const subject = event.container
    if (container !== undefined && subject.id !== container && subject.name !== container) return false
    return wanted.every(([key, value]) => Object.hasOwn(subject.labels, key) && subject.labels[key] === value)
  }
}
