// SPDX-License-Identifier: Apache-2.0
import type { Environment } from './environment.js'
import { WordLexer } from './word-lexer.js'
import { WordProblem } from './word-problem.js'

/** How a word is read. */
export interface ExpandOptions {
  /** The file's escape character: a backslash or a backtick. Null: words are taken as they are. */
  readonly escapeChar: string | null
  /** Whether quotes stay in the result. */
  readonly keepQuotes?: boolean | undefined
  /** Whether escape characters stay in the result. */
  readonly keepEscapes?: boolean | undefined
  /** Whether quotes are characters like any other: in the text of a heredoc. */
  readonly plainQuotes?: boolean | undefined
  /** Whether variables that are not there stay as they are written. */
  readonly keepUnset?: boolean | undefined
}

/** What became of a word. */
export interface ExpandedWord {
  readonly text: string
  /** The text split at white space, of variables' values too, but not of what was quoted. */
  readonly words: readonly string[]
  /** Names that were looked up and found. */
  readonly used: ReadonlySet<string>
  /** Names that were looked up in vain. */
  readonly unset: ReadonlySet<string>
}

/** Why a word cannot be expanded; whoever knows its place makes an error of it. */
export class ExpansionFailure extends Error {
  /** Looked up in vain before that: likely misspelt. */
  readonly unset: ReadonlySet<string>

  constructor(problem: string, unset: ReadonlySet<string>) {
    super(problem)
    this.unset = unset
  }
}

/** Expands `$name` and the forms of `${…}`, and takes quotes and escapes away. Throws {@link ExpansionFailure}. */
export function expandWord(word: string, environment: Environment, options: ExpandOptions): ExpandedWord {
  const { escapeChar } = options
  if (escapeChar === null) return { text: word, words: [word], used: new Set(), unset: new Set() }
  const lexer = new WordLexer(word, environment, { ...options, escapeChar })
  try {
    const { text, words } = lexer.readAll()
    return { text, words, used: lexer.used, unset: lexer.unset }
  } catch (error) {
    if (error instanceof WordProblem) throw new ExpansionFailure(error.message, lexer.unset)
    throw error
  }
}
