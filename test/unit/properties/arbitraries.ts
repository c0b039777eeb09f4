// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'

/** Texts that are put together from pieces, now and then with a character of any kind between them. */
export const textOf = (pieces: readonly string[], maxLength = 12): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...pieces) }, fc.string({ unit: 'binary', maxLength: 2 })),
      { maxLength },
    )
    .map((parts) => parts.join(''))

const odd = fc.constantFrom<unknown>(
  null,
  true,
  0,
  -1,
  1.5,
  1e300,
  2 ** 53,
  '',
  'x',
  '..',
  '__proto__',
  [],
  {},
  [null],
  [[[]]],
  '\u0000',
  '\ud800',
)
const oddKeys = ['__proto__', 'constructor', 'toString', 'polluted', '', 'a']

// An own member whatever it is called.
const set = (object: object, key: string, value: unknown) =>
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

// The place is the next numbers'.
function changed(value: unknown, places: readonly number[], other: unknown): unknown {
  const [place, ...rest] = places
  if (!isObject(value) || place === undefined) return other
  const keys = Object.keys(value)
  const copy: object = Array.isArray(value) ? [...value] : Object.fromEntries(Object.entries(value))
  const key = keys[place % (keys.length + 1)]
  if (key === undefined)
    return set(copy, Array.isArray(value) ? String(value.length) : (oddKeys[place % oddKeys.length] ?? ''), other)
  return set(copy, key, changed((value as Record<string, unknown>)[key], rest, other))
}

/** Values like this one, of which up to three parts are something else, or any value at all. */
export const jsonLike = (value: unknown): fc.Arbitrary<unknown> => {
  const change = fc.tuple(
    fc.array(fc.nat(1000), { minLength: 1, maxLength: 5 }),
    fc.oneof(odd, fc.jsonValue({ maxDepth: 2 })),
  )
  const changes = fc.array(change, { maxLength: 3 })
  const near = changes.map((list) =>
    list.reduce<unknown>((before, [places, other]) => changed(before, places, other), value),
  )
  return fc.oneof({ weight: 9, arbitrary: near }, fc.jsonValue())
}
