// SPDX-License-Identifier: Apache-2.0
import { GlobAutomaton } from './glob-automaton.js'
import type { GlobToken } from './parse-glob.js'

/** One line of a `.dockerignore`, compiled. */
export interface IgnorePattern {
  /** Without `!`. */
  readonly text: string
  /** Whether what matches is not left out after all: `!`. */
  readonly isException: boolean
  /** How many parts its path has. */
  readonly depth: number
  /** Whether the path itself matches; its parents are somebody else's business. */
  matches(path: string): boolean
  /** Whether something below the directory can match. */
  canMatchBelow(directory: string): boolean
}

type Matching = Pick<IgnorePattern, 'matches' | 'canMatchBelow'>

/** Compiles a pattern that is well-formed and cleaned. */
export function compilePattern(text: string, tokens: readonly GlobToken[], isException: boolean): IgnorePattern {
  return { text, isException, depth: text.split('/').length, ...matchingOf(text, tokens) }
}

// The three simple kinds differ from what their wildcards would mean: `**x` matches any path that ends with x. Ours must as well.
function matchingOf(text: string, tokens: readonly GlobToken[]): Matching {
  const [first, ...others] = tokens
  const isEscaped = text.includes('\\')
  if (!isEscaped && tokens.every(isCharacter)) return exactly(text)
  if (!isEscaped && tokens.at(-1)?.kind === 'rest' && tokens.slice(0, -1).every(isCharacter)) {
    return tokens.length === 1 ? endingWith('') : beginningWith(text.slice(0, -2))
  }
  if (!isEscaped && first?.kind === 'directories' && others.every(isCharacter)) return endingWith(text.slice(2))
  return byAutomaton(tokens)
}

function exactly(text: string): Matching {
  return {
    matches: (path) => path === text,
    canMatchBelow: (directory) => text.startsWith(`${directory}/`),
  }
}

function beginningWith(prefix: string): Matching {
  return {
    matches: (path) => path.startsWith(prefix),
    canMatchBelow: (directory) => prefix.startsWith(`${directory}/`) || `${directory}/`.startsWith(prefix),
  }
}

function endingWith(suffix: string): Matching {
  const itself = suffix.startsWith('/') ? suffix.slice(1) : undefined
  return { matches: (path) => path.endsWith(suffix) || path === itself, canMatchBelow: () => true }
}

function byAutomaton(tokens: readonly GlobToken[]): Matching {
  const automaton = new GlobAutomaton(tokens)
  const prefix = literal(tokens)
  const suffix = literal([...tokens].reverse())
    .split('')
    .reverse()
    .join('')
  return {
    matches: (path) => path.startsWith(prefix) && path.endsWith(suffix) && automaton.matches(path),
    canMatchBelow: (directory) => automaton.canMatchAfter(`${directory}/`),
  }
}

function literal(tokens: readonly GlobToken[]): string {
  const end = tokens.findIndex((token) => !isCharacter(token) || token.character.length > 1)
  return tokens
    .slice(0, end < 0 ? undefined : end)
    .map((token) => (isCharacter(token) ? token.character : ''))
    .join('')
}

function isCharacter(token: GlobToken): token is Extract<GlobToken, { kind: 'character' }> {
  return token.kind === 'character'
}
