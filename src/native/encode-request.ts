// SPDX-License-Identifier: Apache-2.0
import type { OperationName, Operations } from './messages.js'

/** A request as docs/protocol.md has it. What is sent of a `spec` or `record` must not change later: its text is kept for the next time. */
export function encodeRequest<O extends OperationName>(op: O, args: Operations[O]['args'], id: number): string {
  return isOwnedCreate(op, args) ? encodeCreate(args, id) : JSON.stringify({ ...args, id, op })
}

type CreateArguments = Operations['create']['args']

// The record of a detached container is its message, whole; and its monitor hears of no other.
function isOwnedCreate(op: OperationName, args: object): args is CreateArguments {
  return op === 'create' && !(args as CreateArguments).detached
}

// What containers of a kind have in common comes second, where the supervisor knows it again.
function encodeCreate({ spec, record, ...own }: CreateArguments, id: number): string {
  const { hostname, ...rest } = spec as { readonly hostname?: string }
  const parts = Object.entries(rest).filter(([, value]) => value !== undefined)
  const specText = parts.map(([key, value]) => `${JSON.stringify(key)}:${textOf(value)}`).join()
  return `${JSON.stringify({ ...own, hostname, id, op: 'create' })}\n{"spec":{${specText}},"record":${textOf(record)}}`
}

// Of objects that were sent once, and, from the second time on, their text: what is new each time is not held on to.
const texts = new WeakMap<object, string | undefined>()

function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const known = texts.get(value)
  if (known !== undefined) return known
  const text = JSON.stringify(value)
  texts.set(value, texts.has(value) ? text : undefined)
  return text
}
