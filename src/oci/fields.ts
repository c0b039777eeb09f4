// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { quoted } from '../errors/printable.js'

/**
 * Reads the members of an object that came from a stranger's JSON: own members only, so that `__proto__` is a key like
 * any other; null counts as missing, as old Docker documents have it; everything else that is not what it should be is
 * ERR_IMAGE_INVALID with the path of the member.
 */
export class Fields {
  readonly #object: object
  readonly path: string

  constructor(value: unknown, path: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unexpected(path, 'an object', value)
    this.#object = value
    this.path = path
  }

  has(key: string): boolean {
    return this.raw(key) !== undefined
  }

  raw(key: string): unknown {
    return Object.hasOwn(this.#object, key) ? (Reflect.get(this.#object, key) ?? undefined) : undefined
  }

  string(key: string): string | undefined {
    return this.#typed(key, 'a string', (value): value is string => typeof value === 'string')
  }

  boolean(key: string): boolean | undefined {
    return this.#typed(key, 'true or false', (value): value is boolean => typeof value === 'boolean')
  }

  /** A whole number that a double holds exactly. */
  integer(key: string): number | undefined {
    return this.#typed(key, 'a whole number', (value): value is number => Number.isSafeInteger(value))
  }

  object(key: string): Fields | undefined {
    const value = this.raw(key)
    return value === undefined ? undefined : new Fields(value, this.#at(key))
  }

  array<T>(key: string, max: number, element: (value: unknown, path: string) => T): readonly T[] | undefined {
    const values = this.#typed(key, 'an array', (value): value is unknown[] => Array.isArray(value))
    if (values !== undefined && values.length > max) {
      throw invalidField(this.#at(key), `has ${values.length} elements, more than ${max}`)
    }
    return values?.map((value, index) => element(value, `${this.#at(key)}[${index}]`))
  }

  strings(key: string, max = 65_536): readonly string[] | undefined {
    return this.array(key, max, (value, path) => {
      if (typeof value !== 'string') throw unexpected(path, 'a string', value)
      return value
    })
  }

  /** An object whose values are strings. */
  stringMap(key: string): Readonly<Record<string, string>> | undefined {
    return this.#map(key, (value, path) => {
      if (typeof value !== 'string') throw unexpected(path, 'a string', value)
      return value
    })
  }

  /** The keys of an object used as a set: `{"80/tcp": {}}`. */
  keySet(key: string): readonly string[] | undefined {
    const members = this.#map(key, (value, path) => void (value === null || new Fields(value, path)))
    return members && Object.keys(members)
  }

  /** The member, which has to be there. */
  required<T>(key: string, value: T | undefined): T {
    if (value === undefined) throw invalidField(this.#at(key), 'is missing')
    return value
  }

  #map<T>(key: string, member: (value: unknown, path: string) => T): Readonly<Record<string, T>> | undefined {
    const fields = this.object(key)
    if (fields === undefined) return undefined
    const entries = Object.entries(fields.#object)
    // fromEntries defines own properties, whatever the key.
    return Object.fromEntries(
      entries.map(([name, value]) => [name, member(value, `${fields.path}.${name.slice(0, 80)}`)]),
    )
  }

  #typed<T>(key: string, what: string, test: (value: unknown) => value is T): T | undefined {
    const value = this.raw(key)
    if (value === undefined || test(value)) return value
    throw unexpected(this.#at(key), what, value)
  }

  #at(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`
  }
}

/** ERR_IMAGE_INVALID for the member at that path. */
export function invalidField(path: string, problem: string): EngineError {
  return new EngineError({ code: 'ERR_IMAGE_INVALID', message: `${path}: ${problem}` })
}

function unexpected(path: string, what: string, value: unknown): EngineError {
  return invalidField(path, `expected ${what}, got ${quoted(value)}`)
}
