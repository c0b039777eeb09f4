// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { interpolate } from '../../../src/compose/environment/interpolate.js'
import { readCases } from './support/cases.js'

interface Cases {
  readonly env: Readonly<Record<string, string>>
  readonly cases: readonly { readonly template: string; readonly expected?: string; readonly error?: string | true }[]
}

for (const file of ['template-cases.json', 'template-cases-empty-env.json']) {
  const { env, cases } = readCases<Cases>(`interpolation/${file}`)
  test.each(cases)(`${file}: $template`, ({ template, expected, error }) => {
    const fill = () => interpolate(template, { lookup: (name) => env[name] })
    if (error === undefined) expect(fill()).toBe(expected)
    else expect(fill).toThrow(...(error === true ? [] : [error]))
  })
}

const lookup = () => undefined

test('a variable of the prototype of objects is not set', () => {
  const unset: string[] = []
  expect(interpolate(`a$constructor-\${__proto__}b`, { lookup, onUnset: (name) => unset.push(name) })).toBe('a-b')
  expect(unset).toEqual(['constructor', '__proto__'])
})

test('defaults nested without end are refused, not followed until the stack is full', () => {
  const deep = '${A:-'.repeat(5000) + '}'.repeat(5000)
  expect(() => interpolate(deep, { lookup })).toThrow('too deeply')
})

test('a long value named often is refused before it fills the memory', () => {
  const budget = { left: 1_000_000 }
  expect(() => interpolate('$A'.repeat(10_000), { lookup: () => 'x'.repeat(10_000), budget })).toThrow('more text')
})
