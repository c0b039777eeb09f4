// SPDX-License-Identifier: Apache-2.0
import { isSpace, skipSpaces } from './spaces.js'
import type { Token } from './tree-node.js'

/** Words with their quotes and escapes as written: white space inside quotes, or escaped, does not end one. */
export function splitWords({ text, at }: Token, escapeChar: string): readonly Token[] {
  const words: Token[] = []
  for (let from = skipSpaces(text); from < text.length; ) {
    const { word, end } = takeWord(text, from, escapeChar)
    if (word !== '') words.push({ text: word, at: at + from })
    from = skipSpaces(text, end)
  }
  return words
}

function takeWord(text: string, from: number, escapeChar: string): { word: string; end: number } {
  let word = ''
  let quote = ''
  let at = from
  for (; at < text.length; at++) {
    const character = text.charAt(at)
    if (quote === '' && isSpace(character)) break
    if (character === escapeChar && quote !== "'") {
      // An escape character that ends the text stands for nothing.
      if (at + 1 < text.length) word += character + text.charAt(++at)
      continue
    }
    if (character === quote) quote = ''
    else if (quote === '' && (character === '"' || character === "'")) quote = character
    word += character
  }
  return { word, end: at }
}
