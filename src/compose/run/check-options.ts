// SPDX-License-Identifier: Apache-2.0
import { EngineError } from 'tscontainer'
import { quoted } from '../../errors/printable.js'

/** Whether a value fits, and what is expected. */
export type OptionCheck = readonly [fits: (value: unknown) => boolean, expected: string]

/** The checks of all options that a call takes. */
export type OptionChecks<T> = Readonly<Record<keyof T, OptionCheck>>

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '' && !value.includes('\0')
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
const isMs = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value < 2 ** 31

/** Checks of what options are usually. */
export const optionOf = {
  boolean: [(value) => typeof value === 'boolean', 'true or false'],
  text: [isText, 'a text'],
  names: [(value) => Array.isArray(value) && value.every(isText), 'a list of names'],
  counts: [
    (value) => isObject(value) && Object.values(value as object).every(isCount),
    'numbers of containers by service',
  ],
  milliseconds: [isMs, 'a number of milliseconds'],
  signal: [(value) => value instanceof AbortSignal, 'an AbortSignal'],
  function: [(value) => typeof value === 'function', 'a function'],
} as const satisfies Readonly<Record<string, OptionCheck>>

/** One of these texts. */
export const oneOf = (...texts: readonly string[]): OptionCheck => [
  (value) => texts.includes(value as string),
  texts.map((text) => `'${text}'`).join(' or '),
]

/** Refuses with ERR_INVALID_ARGUMENT what is unknown or of another kind. */
export function checkCallOptions<T extends object>(options: T, checks: OptionChecks<T>): void {
  if (!isObject(options)) throw refusedOption('options', `expected an object, got ${quoted(options)}`)
  for (const [key, value] of Object.entries(options)) {
    if (!Object.hasOwn(checks, key))
      throw refusedOption(key, `unknown option; known are: ${Object.keys(checks).join(', ')}`)
    const [fits, expected] = checks[key as keyof T]
    if (value !== undefined && !fits(value)) throw refusedOption(key, `expected ${expected}, got ${quoted(value)}`)
  }
}

/** ERR_INVALID_ARGUMENT naming the option. */
export const refusedOption = (option: string, problem: string, hint?: string): EngineError =>
  new EngineError({ code: 'ERR_INVALID_ARGUMENT', message: `${option}: ${problem}`, option, hint })
