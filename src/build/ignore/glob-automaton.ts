// SPDX-License-Identifier: Apache-2.0
import type { GlobToken } from './parse-glob.js'

/** Matches texts against a pattern in time that grows with both lengths, whatever the pattern is. */
export class GlobAutomaton {
  // Two states a token: before it, and inside of `**`, which only a slash leaves.
  private current: Uint8Array
  private following: Uint8Array
  private readonly accept: number

  constructor(private readonly tokens: readonly GlobToken[]) {
    this.accept = tokens.length * 2
    this.current = new Uint8Array(this.accept + 2)
    this.following = new Uint8Array(this.accept + 2)
  }

  /** Whether the whole text matches. */
  matches(text: string): boolean {
    return this.run(text) && this.current[this.accept] === 1
  }

  /** Whether something that begins with the text can match. */
  canMatchAfter(text: string): boolean {
    return this.run(text)
  }

  private run(text: string): boolean {
    this.current.fill(0)
    this.enter(this.current, 0)
    for (const character of text) if (!this.step(character)) return false
    return true
  }

  private step(character: string): boolean {
    const { current, following, tokens } = this
    following.fill(0)
    for (const [index, token] of tokens.entries()) {
      if (current[index * 2] === 1) this.consume(token, index, character)
      if (current[index * 2 + 1] === 1) this.consumeInside(index, character)
    }
    this.current = following
    this.following = current
    return following.includes(1)
  }

  private consume(token: GlobToken, index: number, character: string): void {
    if (token.kind === 'directories') this.consumeInside(index, character)
    else if (token.kind === 'star' || token.kind === 'rest') {
      if (fits(token, character)) this.enter(this.following, index)
    } else if (fits(token, character)) this.enter(this.following, index + 1)
  }

  private consumeInside(index: number, character: string): void {
    if (character === '\n') return
    this.following[index * 2 + 1] = 1
    if (character === '/') this.enter(this.following, index + 1)
  }

  // Whatever can be nothing is passed at once.
  private enter(states: Uint8Array, index: number): void {
    for (let at = index; states[at * 2] !== 1; at++) {
      states[at * 2] = 1
      const kind = this.tokens[at]?.kind
      if (kind !== 'star' && kind !== 'rest' && kind !== 'directories') return
    }
  }
}

function fits(token: GlobToken, character: string): boolean {
  switch (token.kind) {
    case 'character':
      return token.character === character
    case 'one':
    case 'star':
      return character !== '/'
    case 'class': {
      const code = character.codePointAt(0) ?? 0
      return token.negated !== token.ranges.some(([low, high]) => low <= code && code <= high)
    }
    default:
      return character !== '\n'
  }
}
