// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { prepareOptions } from '../../../src/api/prepare-options.js'
import type { ContainerOptions } from '../../../src/runtime/container-options.js'
import { kindOf } from '../../../src/runtime/option-kinds.js'
import type { Changeable } from '../../support/changeable.js'

describe('options that say the same', () => {
  const options = (): ContainerOptions => ({ memory: '64m', env: { A: '1' }, labels: { own: 'one' } })

  test('are of one kind, frozen, whatever the name', () => {
    const one = prepareOptions({}, options())
    const other = prepareOptions({}, { ...options(), name: 'other', signal: new AbortController().signal })
    expect(prepareOptions({}, options())).toBe(one)
    expect(Object.isFrozen(one) && Object.isFrozen(one.env)).toBe(true)
    expect(other).toMatchObject({ ...options(), name: 'other' })
    expect(other.signal).toBeInstanceOf(AbortSignal)
    expect(kindOf(other)).toBe(kindOf(one))
    expect(one).not.toHaveProperty('name')
  })

  test('are of another kind over other defaults, also where those are changed', () => {
    const defaults: Changeable = { env: { B: '2' } }
    expect(prepareOptions(defaults, options()).env).toEqual({ A: '1', B: '2' })
    defaults.env.B = '3'
    expect(prepareOptions(defaults, options()).env).toEqual({ A: '1', B: '3' })
    defaults.labels = { all: 'yes' }
    expect(prepareOptions(defaults, options()).labels).toEqual({ all: 'yes', own: 'one' })
    expect(prepareOptions({}, options()).env).toEqual({ A: '1' })
  })

  test('share nothing with the object that they came in', () => {
    const given: Changeable = options()
    const prepared = prepareOptions({}, given)
    given.env.A = '2'
    given.memory = '65m'
    expect(prepared).toEqual(options())
    expect(prepareOptions({}, given)).toEqual({ ...options(), memory: '65m', env: { A: '2' } })
  })
})

test('what was right once is refused when it is wrong', () => {
  const options: Changeable = { env: { A: '1' }, mounts: [{ type: 'tmpfs', target: '/t' }] }
  prepareOptions({}, options)
  options.mounts[0].target = 'relative'
  expect(() => prepareOptions({}, options)).toThrow(/mounts\[0\].target/)
  options.mounts[0].target = '/t'
  options.name = 'no/name'
  expect(() => prepareOptions({}, options)).toThrow(/name/)
  options.name = undefined
  options.signal = 'no signal'
  expect(() => prepareOptions({}, options)).toThrow(/signal/)
  options.signal = undefined
  options.on = { stopped: 1 }
  expect(() => prepareOptions({}, options)).toThrow(/on.stopped/)
})

test('a name of none takes the place of a default one', () => {
  const defaults: Changeable = { name: 'everybody' }
  expect(prepareOptions(defaults, { name: undefined })).toHaveProperty('name', undefined)
  expect(prepareOptions(defaults, {}).name).toBe('everybody')
})

test('options with functions, instances or accessors are of no kind', () => {
  const unusual: readonly ContainerOptions[] = [
    { logs: { driver: 'callback', onEntry: () => {} } },
    { stdin: new Uint8Array([1]) },
    {
      env: {
        get A() {
          return '1'
        },
      },
    },
  ]
  for (const options of unusual) {
    const prepared = prepareOptions({}, options)
    expect(prepared).toEqual(options)
    expect(kindOf(prepared)).toBeUndefined()
  }
})

test('an accessor says something else each time, and is believed each time', () => {
  let count = 0
  const options = {
    env: {
      get A() {
        return String(++count)
      },
    },
  }
  const [one, other] = [prepareOptions({}, options), prepareOptions({}, options)]
  expect(one.env?.A).not.toBe(other.env?.A)
})

test('of many kinds the last few are known', () => {
  const first = prepareOptions({}, { labels: { n: 'first' } })
  for (let n = 0; n < 7; n++) prepareOptions({}, { labels: { n: String(n) } })
  expect(prepareOptions({}, { labels: { n: 'first' } })).toBe(first)
  for (let n = 0; n < 8; n++) prepareOptions({}, { labels: { n: String(n) } })
  expect(prepareOptions({}, { labels: { n: 'first' } })).not.toBe(first)
})
