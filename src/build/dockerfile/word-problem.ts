// SPDX-License-Identifier: Apache-2.0

/** The reason why a word cannot be read; those outside of the lexer see an `ExpansionFailure`. */
export class WordProblem extends Error {
  override readonly name = 'WordProblem'
}
