// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { parseByteSize } from './byte-size.js'
import { parseDurationMs } from './duration.js'
import { knownElsewhere } from './other-names.js'

/** Throws ERR_INVALID_ARGUMENT naming `option` if the value is not what it should be. */
export type Check = (value: unknown, option: string) => void

/** One check for each key of an options type, so that a new option cannot be forgotten. `undefined` always passes. */
export type Shape<T> = { readonly [K in keyof Required<T>]: Check }

/**
 * Refuses options that are no object, have an unknown key or a value of the wrong kind. `at` is the path of the
 * options themselves, empty for a call's own options.
 */
export function checkOptions<T extends object>(
  value: unknown,
  shape: Shape<T>,
  at = '',
): asserts value is T | undefined {
  if (value === undefined) return
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidArgument(at || 'options', `expected an object, got ${quoted(value)}`)
  }
  const checks: Readonly<Record<string, Check>> = shape
  for (const key of Object.keys(value)) {
    const option = at ? `${at}.${key}` : key
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined
    if (check === undefined) throw unknownOption(option, key, Object.keys(checks))
    const member: unknown = Reflect.get(value, key)
    if (member !== undefined) check(member, option)
  }
  for (const key of requiredKeys(checks)) {
    if (Reflect.get(value, key) === undefined) throw invalidArgument(at ? `${at}.${key}` : key, 'is required')
  }
}

/** As {@link checkOptions}, where a call without options makes no sense. */
export function checkGivenOptions<T extends object>(value: unknown, shape: Shape<T>, at = ''): asserts value is T {
  if (value === undefined) throw invalidArgument(at || 'options', 'expected an object, got undefined')
  checkOptions(value, shape, at)
}

const requiredChecks = new WeakSet<Check>()
const requiredOf = new WeakMap<object, readonly string[]>()

// Shapes do not change, and calls come with few of their keys.
function requiredKeys(checks: Readonly<Record<string, Check>>): readonly string[] {
  const known = requiredOf.get(checks)
  if (known) return known
  const keys = Object.keys(checks).filter((key) => requiredChecks.has(checks[key] as Check))
  requiredOf.set(checks, keys)
  return keys
}

function expected(what: string, value: unknown, option: string): never {
  throw invalidArgument(option, `expected ${what}, got ${quoted(value)}`)
}

function typed(what: string, test: (value: unknown) => boolean): Check {
  return (value, option) => {
    if (!test(value)) expected(what, value, option)
  }
}

/** Bounds of a number. */
interface Bounds {
  readonly min?: number
  readonly max?: number
}

function bounded(what: string, isKind: (value: unknown) => boolean, { min, max }: Bounds): Check {
  const limits = [min === undefined ? '' : `at least ${min}`, max === undefined ? '' : `at most ${max}`].filter(Boolean)
  const full = limits.length > 0 ? `${what} of ${limits.join(' and ')}` : what
  return typed(
    full,
    (value) => isKind(value) && (value as number) >= (min ?? -Infinity) && (value as number) <= (max ?? Infinity),
  )
}

/** The checks that shapes are made of. */
export const check = {
  boolean: typed('true or false', (value) => typeof value === 'boolean'),
  /** A string without NUL, which the kernel would take as its end. */
  string: typed('a string without NUL', (value) => typeof value === 'string' && !value.includes('\0')),
  nonEmptyString: typed(
    'a string that is not empty',
    (value) => typeof value === 'string' && value !== '' && !value.includes('\0'),
  ),
  function: typed('a function', (value) => typeof value === 'function'),
  signal: typed('an AbortSignal', (value) => value instanceof AbortSignal),
  date: typed('a valid Date', (value) => value instanceof Date && !Number.isNaN(value.getTime())),
  byteSize: ((value, option) => void parseByteSize(value, option)) as Check,
  duration: ((value, option) => void parseDurationMs(value, option)) as Check,
  /** A timeout in milliseconds; what a timer of Node can hold. */
  timeoutMs: bounded('a number of milliseconds', Number.isFinite, { min: 0, max: 2 ** 31 - 1 }),
  /** Whatever; for values that the caller checks itself. */
  any: (() => {}) as Check,

  integer: (bounds: Bounds = {}): Check => bounded('a whole number', Number.isSafeInteger, bounds),
  number: (bounds: Bounds = {}): Check => bounded('a number', Number.isFinite, bounds),
  matching: (pattern: RegExp, what: string): Check =>
    typed(what, (value) => typeof value === 'string' && pattern.test(value)),
  oneOf: (...values: readonly (string | number | boolean | null)[]): Check =>
    typed(`one of ${values.map((value) => quoted(value)).join(', ')}`, (value) => values.includes(value as string)),
  instanceOf: (type: abstract new (...args: never) => unknown, what = type.name): Check =>
    typed(`a ${what}`, (value) => value instanceof type),

  /** An array of at most `max` such elements. */
  arrayOf:
    (element: Check, max = 65_536): Check =>
    (value, option) => {
      if (!Array.isArray(value)) expected('an array', value, option)
      if (value.length > max) throw invalidArgument(option, `has ${value.length} elements, more than ${max}`)
      // By index: forEach would skip the holes of a sparse array.
      for (let index = 0; index < value.length; index++) element(value[index], `${option}[${index}]`)
    },
  /** An object from any non-empty key without NUL to such values. */
  recordOf:
    (element: Check): Check =>
    (value, option) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) expected('an object', value, option)
      for (const [key, member] of Object.entries(value as object)) {
        if (key === '' || key.includes('\0')) throw invalidArgument(option, `${quoted(key)} is not a key`)
        element(member, `${option}.${key}`)
      }
    },
  /** An object of exactly this shape. */
  object:
    <T extends object>(shape: Shape<T>): Check =>
    (value, option) => {
      if (value === undefined) expected('an object', value, option)
      checkOptions(value, shape, option)
    },
  /** What passes at least one of them; `what` is the sentence when none does. */
  anyOf:
    (what: string, ...checks: readonly Check[]): Check =>
    (value, option) => {
      for (const candidate of checks) {
        try {
          return candidate(value, option)
        } catch {}
      }
      expected(what, value, option)
    },
  /** The same, and it has to be there. */
  required: (inner: Check): Check => {
    const required: Check = (value, option) => inner(value, option)
    requiredChecks.add(required)
    return required
  },
} as const

function unknownOption(option: string, key: string, known: readonly string[]): Error {
  const close = knownElsewhere(key, known) ?? known.find((name) => isTypo(key.toLowerCase(), name.toLowerCase()))
  return invalidArgument(
    option,
    'unknown option',
    close ? `did you mean '${close}'?` : `known are: ${known.join(', ')}`,
  )
}

// At most one letter wrong, missing, too many, or two swapped; or one is the beginning of the other.
function isTypo(given: string, name: string): boolean {
  if (given.length > 2 && (name.startsWith(given) || given.startsWith(name))) return true
  let start = 0
  while (start < given.length && given[start] === name[start]) start++
  let end = 0
  while (end < given.length - start && end < name.length - start && given.at(-1 - end) === name.at(-1 - end)) end++
  const left = given.slice(start, given.length - end)
  const right = name.slice(start, name.length - end)
  if (left.length <= 1 && right.length <= 1) return true
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0]
}
