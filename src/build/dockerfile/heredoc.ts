// SPDX-License-Identifier: Apache-2.0
import { ExpansionFailure, expandWord } from './expand-word.js'

/** `<<NAME` on an instruction's line. */
export interface HeredocWord {
  /** What ends its text, quotes taken away. */
  readonly name: string
  /** Whether variables in its text are expanded: the name was not quoted. */
  readonly expand: boolean
  /** Whether tabs before its lines are taken away: `<<-NAME`. */
  readonly chomp: boolean
  /** The number before it: `3<<NAME`; 0 where there is none. */
  readonly fd: number
}

/** A heredoc with its text. */
export interface Heredoc extends HeredocWord {
  /** As it stands in the file, with the line breaks there. */
  readonly content: string
  /** Its first line, from 1. */
  readonly line: number
}

const nothing: ReadonlyMap<string, string> = new Map()
const shape = /^(\d*)<<(-?)\s*([^<]*)$/

/** The word as a heredoc, null if it is another word. Throws {@link ExpansionFailure} if its quotes do not match. */
export function parseHeredocWord(word: string): HeredocWord | null {
  const [, fd, dash, rest] = shape.exec(word) ?? []
  if (!rest) return null
  const [name, ...others] = expandWord(rest, nothing, { escapeChar: '\\', keepUnset: true }).words
  if (name === undefined || others.length > 0) return null
  const [quoted = ''] = expandWord(rest, nothing, { escapeChar: '\\', keepUnset: true, keepQuotes: true }).words
  return { name, expand: quotes(name) === quotes(quoted), chomp: dash === '-', fd: Number(fd) }
}

/** The heredocs that an instruction's line announces, in their order. A line that is no shell's has none. */
export function heredocWordsIn(line: string): readonly HeredocWord[] {
  if (!line.includes('<<')) return []
  return wordsOf(line).flatMap((word) => parseHeredocWord(word) ?? [])
}

/** The text without the tabs that begin its lines. */
export function chomp(text: string): string {
  return text.replace(/^\t+/gm, '')
}

function wordsOf(line: string): readonly string[] {
  try {
    return expandWord(line, nothing, { escapeChar: '\\', keepUnset: true, keepQuotes: true, keepEscapes: true }).words
  } catch (error) {
    if (error instanceof ExpansionFailure) return []
    throw error
  }
}

function quotes(text: string): number {
  return text.replace(/[^'"]/g, '').length
}
