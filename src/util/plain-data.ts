// SPDX-License-Identifier: Apache-2.0

// What is larger is worth neither the memory nor the comparison.
const maxValues = 256
const maxCharacters = 16_384

/**
 * A frozen copy of plain data: objects and arrays of no class, without accessors, and what is neither object nor function. Undefined where
 * anything else is in it, or it is large.
 */
export function plainCopy<T extends object>(value: T): T | undefined {
  const copy = copyOf(value, { values: maxValues, characters: maxCharacters })
  return copy === notPlain ? undefined : (copy as T)
}

/** Whether the value says now what the copy says, in the same order; without its own members of these names. */
export function isCopyOf(copy: unknown, value: unknown, except?: ReadonlySet<string>): boolean {
  if (typeof copy !== 'object' || copy === null) return Object.is(copy, value)
  if (typeof value !== 'object' || value === null || !isOfNoClass(value)) return false
  if (Array.isArray(copy)) return Array.isArray(value) && haveSameElements(copy, value)
  return !Array.isArray(value) && haveSameMembers(copy as Members, value as Members, except)
}

/** The same, frozen with everything in it. For what nobody else has yet. */
export function deepFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const member of Object.values(value)) deepFrozen(member)
  return value
}

type Members = Readonly<Record<string, unknown>>

const notPlain = Symbol('not plain')

interface Room {
  values: number
  characters: number
}

function copyOf(value: unknown, room: Room): unknown {
  room.values--
  if (typeof value === 'string') room.characters -= value.length
  if (room.values < 0 || room.characters < 0) return notPlain
  if (typeof value === 'function' || typeof value === 'symbol') return notPlain
  if (typeof value !== 'object' || value === null) return value
  if (!isOfNoClass(value)) return notPlain
  return Array.isArray(value) ? copyOfArray(value, room) : copyOfMembers(value, room)
}

function copyOfArray(array: readonly unknown[], room: Room): unknown {
  // The last own key is `length`; holes and further members would make another number of them.
  if (array.length > room.values || Reflect.ownKeys(array).length !== array.length + 1) return notPlain
  const copy: unknown[] = []
  for (let index = 0; index < array.length; index++) copy.push(copyOfMember(array, String(index), room))
  return copy.includes(notPlain) ? notPlain : Object.freeze(copy)
}

function copyOfMembers(object: object, room: Room): unknown {
  const keys = Object.keys(object)
  if (keys.length > room.values || Reflect.ownKeys(object).length !== keys.length) return notPlain
  const entries: [string, unknown][] = []
  for (const key of keys) {
    room.characters -= key.length
    entries.push([key, copyOfMember(object, key, room)])
  }
  return entries.some(([, member]) => member === notPlain) ? notPlain : Object.freeze(Object.fromEntries(entries))
}

function copyOfMember(object: object, key: string, room: Room): unknown {
  const descriptor = Object.getOwnPropertyDescriptor(object, key)
  return descriptor && 'value' in descriptor ? copyOf(descriptor.value, room) : notPlain
}

function isOfNoClass(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === (Array.isArray(value) ? Array.prototype : Object.prototype)
}

function haveSameElements(copy: readonly unknown[], value: readonly unknown[]): boolean {
  if (copy.length !== value.length) return false
  for (let index = 0; index < copy.length; index++) if (!isCopyOf(copy[index], value[index])) return false
  return true
}

function haveSameMembers(copy: Members, value: Members, except: ReadonlySet<string> | undefined): boolean {
  const known = Object.keys(copy)
  let count = 0
  for (const key of Object.keys(value)) {
    if (except?.has(key)) continue
    if (known[count++] !== key || !isCopyOf(copy[key], value[key])) return false
  }
  return count === known.length
}
