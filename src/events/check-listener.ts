// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { check } from '../util/validate.js'
import type { EventType } from './engine-event.js'

/** Refuses a listener that would never be called, since there are no such events, and what is no function. */
export function checkListener(known: readonly EventType[], type: unknown, listener: unknown): void {
  if (!known.includes(type as EventType))
    throw invalidArgument('type', `there are no events ${quoted(type)}`, `there are: ${known.join(', ')}`)
  check.function(listener, 'listener')
}
