// SPDX-License-Identifier: Apache-2.0
import type { NativeFailure } from '../errors/native-failure.js'
import type { EventMessage } from './messages.js'

/** One packet from the other side. */
export type IncomingMessage =
  | { readonly kind: 'event'; readonly event: EventMessage }
  | { readonly kind: 'progress'; readonly id: number; readonly progress: unknown }
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: NativeFailure }
  | { readonly kind: 'malformed' }

interface Envelope {
  readonly id?: unknown
  readonly event?: EventMessage
  readonly progress?: unknown
  readonly result?: unknown
  readonly error?: NativeFailure
}

/** Reads the envelope of docs/protocol.md. The sender is our own process of the same version: its contents are taken as they are. */
export function decodeMessage(text: string): IncomingMessage {
  const message = parse(text)
  if (message === undefined) return { kind: 'malformed' }
  if (message.event !== undefined) return { kind: 'event', event: message.event }
  const { id } = message
  if (typeof id !== 'number') return { kind: 'malformed' }
  if (message.progress !== undefined) return { kind: 'progress', id, progress: message.progress }
  if (message.error !== undefined) return { kind: 'error', id, error: message.error }
  return 'result' in message ? { kind: 'result', id, result: message.result } : { kind: 'malformed' }
}

function parse(text: string): Envelope | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
