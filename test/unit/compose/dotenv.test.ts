// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { parseDotenv } from '../../../src/compose/environment/parse-dotenv.js'
import { parseRawEnv } from '../../../src/compose/environment/parse-raw-env.js'
import { namesIn, readCases, readFixture } from './support/cases.js'

type Variables = Readonly<Record<string, string>>
const parse = (text: string, env: Variables = {}): Variables =>
  Object.fromEntries(parseDotenv(text, { lookup: (name) => env[name] }))

describe('env files', () => {
  const files = readCases<Record<string, Variables>>('dotenv-fixtures/expected.json')
  test.each(Object.entries(files))('%s', (file, expected) => {
    expect(parse(readFixture(`dotenv-fixtures/${file}`))).toMatchObject(expected)
  })
  test.each(readCases<readonly { input: string; expected: Variables }[]>('dotenv-fixtures/line-cases.json'))(
    '$input',
    ({ input, expected }) => {
      expect(parse(input)).toEqual(expected)
    },
  )
  test('every fixture is read or refused', () => {
    const refused = namesIn('dotenv-fixtures').filter((name) => {
      try {
        parse(readFixture(`dotenv-fixtures/${name}`))
        return false
      } catch {
        return true
      }
    })
    expect(refused).toEqual(
      ['expected.json', 'invalid1.env', 'line-cases.json'].filter((name) => refused.includes(name)),
    )
    expect(refused).toContain('invalid1.env')
  })
})

test('a key alone takes its value from the environment, or is not there', () => {
  const text = readFixture('dotenv-fixtures/inherited-multi-var.env')
  expect(parse(text, { VAR_TO_BE_LOADED_FROM_OS_ENV: 'loaded' })).toEqual({
    foo: 'bar',
    VAR_TO_BE_LOADED_FROM_OS_ENV: 'loaded',
    bar: 'baz',
  })
  expect(parse('VARIABLE_NOT_FOUND')).toEqual({})
})

test('a variable of the environment wins over one of a line before, but not over the line that sets it', () => {
  expect(parse('A=file\nB=$A', { A: 'env' })).toEqual({ A: 'file', B: 'env' })
})

test('the line of a fault is named', () => {
  expect(() => parse(readFixture('dotenv-fixtures/invalid1.env'))).toThrow(expect.objectContaining({ line: 7 }))
  expect(() => parse('A=1\nB="open\n')).toThrow(expect.objectContaining({ line: 2 }))
})

test('lines of Windows end as others do, and quoted values keep their newlines', () => {
  expect(parse('A=1\r\nB="two\nlines"\r\nC=3\r\n')).toEqual({ A: '1', B: 'two\nlines', C: '3' })
})

test('the raw format takes what is written', () => {
  const text = '# comment\nA="quoted" # no comment\nB=$X\nC\nD=a=b\nE\n'
  expect(Object.fromEntries(parseRawEnv(text, (name) => (name === 'C' ? 'inherited' : undefined)))).toEqual({
    A: '"quoted" # no comment',
    B: '$X',
    C: 'inherited',
    D: 'a=b',
  })
})
