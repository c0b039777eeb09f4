// SPDX-License-Identifier: Apache-2.0
import {
  isTooMuchWork,
  parsePattern,
  replaceMatches,
  type ShellPattern,
  trimPrefix,
  trimSuffix,
} from './shell-pattern.js'
import type { WordLexer } from './word-lexer.js'
import { WordProblem } from './word-problem.js'

interface Operation {
  readonly name: string
  /** As written: `:-`. */
  readonly modifier: string
  /** Whether an empty value counts as none. */
  readonly emptyIsUnset: boolean
}

/** Reads what follows `${`, up to its `}`, and says what stands for it. */
export function readSubstitution(lexer: WordLexer): string {
  const first = lexer.peek()
  if (first === undefined) throw new WordProblem("syntax error: missing '}'")
  if (first === '{' || first === '}' || first === ':') throw new WordProblem('syntax error: bad substitution')
  const name = lexer.readName()
  const character = lexer.next()
  if (character === '}') return lexer.lookUp(name) ?? (lexer.options.keepUnset ? `\${${name}}` : '')
  if (character === '/') return replace(lexer, name)
  const emptyIsUnset = character === ':'
  const kind = emptyIsUnset ? lexer.next() : character
  const modifier = `${emptyIsUnset ? ':' : ''}${kind ?? ''}`
  if (kind === undefined) throw new WordProblem("syntax error: missing '}'")
  const operation = { name, modifier, emptyIsUnset }
  if (kind === '-' || kind === '+' || kind === '?') return choose(lexer, operation)
  if ((kind === '#' || kind === '%') && !emptyIsUnset) return trim(lexer, operation)
  throw new WordProblem(`unsupported modifier (${modifier}) in substitution`)
}

function choose(lexer: WordLexer, { name, modifier, emptyIsUnset }: Operation): string {
  const word = operand(lexer, '}', false)
  const value = lexer.lookUp(name)
  if (value === undefined && lexer.options.keepUnset) return `\${${name}${modifier}${word}}`
  const isMissing = value === undefined || (emptyIsUnset && value === '')
  if (modifier.endsWith('-')) return isMissing ? word : value
  if (modifier.endsWith('+')) return isMissing ? '' : word
  if (!isMissing) return value
  const why = value === undefined ? 'is not allowed to be unset' : 'is not allowed to be empty'
  throw new WordProblem(`${name}: ${word === '' ? why : word}`)
}

function trim(lexer: WordLexer, { name, modifier }: Operation): string {
  const word = operand(lexer, '}', true)
  const value = lexer.lookUp(name)
  if (value === undefined && lexer.options.keepUnset) return `\${${name}${modifier}${word}}`
  const isLongest = word.startsWith(modifier)
  const pattern = patternOf(value ?? '', isLongest ? word.slice(1) : word)
  const trimEnd = modifier === '#' ? trimPrefix : trimSuffix
  return trimEnd(value ?? '', pattern, isLongest ? 'longest' : 'shortest')
}

function replace(lexer: WordLexer, name: string): string {
  const all = lexer.peek() === '/'
  if (all) lexer.next()
  const text = operand(lexer, '/', true)
  const by = operand(lexer, '}', true)
  const value = lexer.lookUp(name)
  if (value === undefined && lexer.options.keepUnset) return `\${${name}/${text}/${by}}`
  const pattern = patternOf(value ?? '', text)
  if ((value ?? '').length * Math.max(by.length, 1) > 2 ** 24) throw new WordProblem('the replacement is too long')
  return replaceMatches(value ?? '', pattern, { by, all })
}

// A word that lacks its end is a substitution that lacks it.
function operand(lexer: WordLexer, stop: string, keepEscapes: boolean): string {
  try {
    return lexer.readUntil(stop, { keepEscapes }).text
  } catch (error) {
    if (!(error instanceof WordProblem) || lexer.peek() !== undefined) throw error
    throw new WordProblem(stop === '/' ? "syntax error: missing '/' in a substitution" : "syntax error: missing '}'")
  }
}

function patternOf(value: string, text: string): ShellPattern {
  if (isTooMuchWork(value, text)) throw new WordProblem('the pattern takes too long to be looked for')
  const pattern = parsePattern(text)
  if ('problem' in pattern) throw new WordProblem(`invalid pattern (${text}) in substitution: ${pattern.problem}`)
  return pattern
}
