// SPDX-License-Identifier: Apache-2.0
import { isSpace, skipSpaces, trimSpaces } from './spaces.js'
import type { Token } from './tree-node.js'

/** An instruction's name, its flags, and the rest that its own grammar decides on. */
export interface SplitInstruction {
  readonly keyword: Token
  readonly flags: readonly Token[]
  readonly rest: Token
}

/** Splits what begins at the token's offset of the line. */
export function splitInstruction({ text, at }: Token): SplitInstruction {
  const from = skipSpaces(text)
  const line = trimSpaces(text)
  const [keyword = ''] = /^[^\t\v\f\r ]*/.exec(line) ?? []
  const [gap = ''] = /^[\t\v\f\r ]*/.exec(line.slice(keyword.length)) ?? []
  const begin = keyword.length + gap.length
  const { flags, end } = takeFlags(line, begin)
  const start = skipSpaces(line, end)
  const rest = { text: trimSpaces(line.slice(start)), at: at + from + start }
  return {
    keyword: { text: keyword, at: at + from },
    flags: flags.map((flag) => ({ text: flag.text, at: flag.at + at + from })),
    rest,
  }
}

function takeFlags(line: string, begin: number): { flags: readonly Token[]; end: number } {
  const flags: Token[] = []
  let at = skipSpaces(line, begin)
  while (line.startsWith('--', at)) {
    const { text, end, isQuoted } = takeFlag(line, at)
    if (text === '--') return { flags, end }
    if (isQuoted || text !== '') flags.push({ text, at })
    at = skipSpaces(line, end)
  }
  return { flags, end: at }
}

// Quotes and backslashes are the shell's here, whatever the file's escape character is.
function takeFlag(line: string, from: number): { text: string; end: number; isQuoted: boolean } {
  let text = ''
  let quote = ''
  let isQuoted = false
  let at = from
  for (; at < line.length; at++) {
    const character = line.charAt(at)
    if (quote === '' && isSpace(character)) break
    if (character === quote) quote = ''
    else if (quote === '' && (character === '"' || character === "'")) {
      quote = character
      isQuoted = true
    } else if (character === '\\') text += line.charAt(++at)
    else text += character
  }
  return { text, end: at, isQuoted }
}
