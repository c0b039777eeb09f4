// SPDX-License-Identifier: Apache-2.0
import { isSpace, skipSpaces, trimStart } from './spaces.js'
import { splitWords } from './split-words.js'
import type { Token } from './tree-node.js'

/** The arguments of an instruction. */
export interface Arguments {
  readonly args: readonly Token[]
  readonly json: boolean
  /** Whether they are a JSON array of something else than strings, which the tree keeps as text and no instruction takes. */
  readonly isMixedJson?: boolean | undefined
}

/** Why arguments do not fit the instruction's grammar, and at which of them. */
export interface ArgumentProblem {
  readonly problem: string
  readonly at: number
}

/** The grammar of an instruction's arguments. */
export type ArgumentForm = (rest: Token, escapeChar: string) => Arguments | ArgumentProblem

/** Everything is one argument. */
export const asText: ArgumentForm = (rest) => plain(rest.text === '' ? [] : [rest])

/** Separated by white space, quotes mean nothing. */
export const asList: ArgumentForm = (rest) => plain(splitBlanks(rest))

/** Words with their quotes. */
export const asWords: ArgumentForm = (rest, escapeChar) => plain(splitWords(rest, escapeChar))

/** A JSON array of strings, or everything is one argument. */
export const asJsonOrText: ArgumentForm = (rest, escapeChar) => asJson(rest) ?? asText(rest, escapeChar)

/** A JSON array of strings, or separated by white space. */
export const asJsonOrList: ArgumentForm = (rest, escapeChar) => asJson(rest) ?? asList(rest, escapeChar)

/** A first word, and what follows as with {@link asJsonOrText}. */
export const asHealthcheck: ArgumentForm = (rest, escapeChar) => {
  let end = 0
  while (end < rest.text.length && !isSpace(rest.text.charAt(end))) end++
  if (end === 0) return plain([])
  const next = skipSpaces(rest.text, end)
  const command = asJsonOrText({ text: rest.text.slice(next), at: rest.at + next }, escapeChar)
  if ('problem' in command) return command
  return { ...command, args: [{ text: rest.text.slice(0, end), at: rest.at }, ...command.args] }
}

/** `name=value …`, or in the old form one name and its value after white space. */
export function asPairs(instruction: string): ArgumentForm {
  return (rest, escapeChar) => {
    const words = splitWords(rest, escapeChar)
    const [first] = words
    if (!first) return plain([])
    if (!first.text.includes('=')) return oldPair(rest, instruction)
    const odd = words.find(({ text }) => !text.includes('='))
    if (odd) return { problem: `can't find = in '${odd.text}': it must be of the form name=value`, at: odd.at }
    return plain(words.flatMap(splitPair))
  }
}

function plain(args: readonly Token[]): Arguments {
  return { args, json: false }
}

function splitPair({ text, at }: Token): readonly Token[] {
  const equals = text.indexOf('=')
  const value = { text: text.slice(equals + 1), at: at + equals + 1 }
  return [{ text: text.slice(0, equals), at }, value, { text: '=', at: at + equals }]
}

function oldPair(rest: Token, instruction: string): Arguments | ArgumentProblem {
  const match = /^([^\t\v\f\r ]*)([\t\v\f\r ]+)/.exec(rest.text)
  if (!match) return { problem: `${instruction} must have two arguments`, at: rest.at }
  const [all, name = ''] = match
  const value = { text: rest.text.slice(all.length), at: rest.at + all.length }
  return plain([{ text: name, at: rest.at }, value, { text: '', at: value.at }])
}

function splitBlanks({ text, at }: Token): readonly Token[] {
  return [...text.matchAll(/[^\t\v\f\r ]+/g)].map((match) => ({ text: match[0], at: at + match.index }))
}

// What is no JSON is text: a shell's test command begins with a bracket too.
function asJson(rest: Token): Arguments | null {
  const text = trimStart(rest.text)
  if (!text.startsWith('[')) return null
  try {
    const parsed: unknown = JSON.parse(text)
    if (!Array.isArray(parsed)) return null
    if (!parsed.every((item) => typeof item === 'string')) return { args: [rest], json: false, isMixedJson: true }
    return { args: parsed.map((item) => ({ text: item, at: rest.at })), json: true }
  } catch {
    return null
  }
}
