// SPDX-License-Identifier: Apache-2.0
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { deepFrozen, isCopyOf, plainCopy } from '../../../src/util/plain-data.js'

const data = () => ({ memory: '64m', env: { A: '1', B: null }, command: ['a', 'b'], tty: undefined, cpus: 0.5 })

describe('a copy', () => {
  test('is frozen through and through, and nothing of the original', () => {
    const original = data()
    const copy = plainCopy(original)
    expect(copy).toEqual(original)
    expect(Object.isFrozen(copy) && Object.isFrozen(copy?.env) && Object.isFrozen(copy?.command)).toBe(true)
    original.env.A = '2'
    original.command.push('c')
    expect(copy).toEqual(data())
  })

  test('keeps a member called __proto__ a member', () => {
    const copy = plainCopy(JSON.parse('{"__proto__": {"a": 1}}') as object)
    expect(Object.keys(copy ?? {})).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
  })

  class Own {
    readonly a = 1
  }
  const own = Object.defineProperty({}, 'hidden', { value: 1 })
  const circle: Record<string, unknown> = {}
  circle.self = circle

  test.each<[string, unknown]>([
    ['a function', () => {}],
    ['a symbol', Symbol('s')],
    ['an instance', new Own()],
    ['what inherits', Object.create({ a: 1 })],
    ['bytes', new Uint8Array(1)],
    ['a map', new Map()],
    ['a date', new Date()],
    ['a signal', new AbortController().signal],
    [
      'a getter',
      {
        get a() {
          return 1
        },
      },
    ],
    ['what is hidden', own],
    ['a symbol’s member', { [Symbol('s')]: 1 }],
    ['a hole', new Array(2)],
    ['a list with more', Object.assign([1], { more: 1 })],
    ['a list of a class', new (class extends Array {})()],
    ['an object of another realm', runInNewContext('({})')],
    ['a circle', circle],
    ['many values', Array.from({ length: 300 }, () => 1)],
    ['a large array without elements', new Array(2 ** 32 - 1)],
    ['a long text', 'x'.repeat(20_000)],
    ['a long key', { ['x'.repeat(20_000)]: 1 }],
  ])('is not made of %s', (_, value) => {
    expect(plainCopy({ value })).toBeUndefined()
    expect(plainCopy([value])).toBeUndefined()
  })
})

describe('a value is recognised', () => {
  const copy = plainCopy(data())

  test('by what it says, not by who it is', () => {
    expect(isCopyOf(copy, data())).toBe(true)
    expect(isCopyOf(copy, Object.assign(Object.create(null), data()))).toBe(true)
  })

  test.each<[string, unknown]>([
    ['another value', { ...data(), memory: '65m' }],
    ['another value inside', { ...data(), env: { A: '1', B: '2' } }],
    ['a member more', { ...data(), more: 1 }],
    ['a member more inside', { ...data(), env: { ...data().env, C: '3' } }],
    ['a member less', { memory: '64m' }],
    ['another order', { env: data().env, memory: '64m', command: ['a', 'b'], tty: undefined, cpus: 0.5 }],
    ['another order of elements', { ...data(), command: ['b', 'a'] }],
    ['fewer elements', { ...data(), command: ['a'] }],
    ['members for elements', { ...data(), command: { 0: 'a', 1: 'b', length: 2 } }],
    ['null for undefined', { ...data(), tty: null }],
    ['a text for a number', { ...data(), cpus: '0.5' }],
    ['a String for a text', { ...data(), memory: new String('64m') }],
    ['what inherits', Object.assign(Object.create({ privileged: true }), data())],
    ['an instance', Object.assign(new (class {})(), data())],
    ['nothing', undefined],
  ])('unless it has %s', (_, value) => {
    expect(isCopyOf(copy, value)).toBe(false)
  })

  test('whatever its members of some names are', () => {
    const except = new Set(['name'])
    expect(isCopyOf(copy, { name: 'a', ...data() }, except)).toBe(true)
    expect(isCopyOf(copy, { ...data(), env: { name: 'a', ...data().env } }, except)).toBe(false)
  })
})

test('freezing reaches all that is inside', () => {
  const frozen = deepFrozen({ a: [{ b: {} }], c: 1, d: null })
  expect(Object.isFrozen(frozen.a) && Object.isFrozen(frozen.a[0]) && Object.isFrozen(frozen.a[0]?.b)).toBe(true)
})
