// SPDX-License-Identifier: Apache-2.0
import type { Environment } from './environment.js'
import type { ExpandOptions } from './expand-word.js'
import { isSpace } from './spaces.js'
import { readSubstitution } from './substitution.js'
import { WordCollector } from './word-collector.js'
import { WordProblem } from './word-problem.js'

// What honest files stay far below: a value has to fit into the environment of a process.
const maxExpanded = 256 * 1024
const maxDepth = 100

/** Reads one word, character by character, the way a shell would. */
export class WordLexer {
  readonly used = new Set<string>()
  readonly unset = new Set<string>()
  private readonly characters: readonly string[]
  private at = 0
  private depth = 0
  private produced = 0

  constructor(
    word: string,
    private readonly environment: Environment,
    readonly options: ExpandOptions & { readonly escapeChar: string },
  ) {
    this.characters = [...word]
  }

  /** The whole word. */
  readAll(): WordCollector {
    return this.readUntil(null, { keepEscapes: this.options.keepEscapes ?? false })
  }

  /** The next character, not taken; undefined at the end. */
  peek(): string | undefined {
    return this.characters[this.at]
  }

  /** Takes the next character. */
  next(): string | undefined {
    return this.characters[this.at++]
  }

  /** Reads up to a character that ends it, which is taken too; null: up to the end. */
  readUntil(stop: string | null, { keepEscapes }: { readonly keepEscapes: boolean }): WordCollector {
    if (++this.depth > maxDepth) throw new WordProblem('substitutions are nested too deeply')
    const result = new WordCollector()
    for (;;) {
      const character = this.peek()
      if (character === undefined) break
      if (character === stop) {
        this.at++
        this.depth--
        return result
      }
      this.readOne(character, result, keepEscapes)
    }
    if (stop !== null) throw new WordProblem(`unexpected end of statement while looking for matching ${stop}`)
    this.depth--
    return result
  }

  /** The variable's value, noted as used or as missing. */
  lookUp(name: string): string | undefined {
    const value = this.environment.get(name)
    if (value === undefined) this.unset.add(name)
    else this.used.add(name)
    return value
  }

  /** A name of letters, digits and underscores, or one of the shell's special parameters; may be empty. */
  readName(): string {
    const first = this.peek()
    if (first !== undefined && /\p{Nd}/u.test(first)) return this.readWhile(/\p{Nd}/u)
    if (first !== undefined && '@*#?-$!'.includes(first)) return this.next() ?? ''
    return this.readWhile(/[\p{L}\p{Nd}_]/u)
  }

  private readOne(character: string, result: WordCollector, keepEscapes: boolean): void {
    const { plainQuotes = false, escapeChar } = this.options
    if (character === '$') result.add(this.count(this.readDollar()))
    else if (character === '<') result.addRaw(this.readAngle())
    else if (character === "'" && !plainQuotes) result.addRaw(this.readSingleQuoted())
    else if (character === '"' && !plainQuotes) result.addRaw(this.count(this.readDoubleQuoted(keepEscapes)))
    else if (character === escapeChar) this.readEscaped(result, keepEscapes)
    else {
      this.at++
      result.add(character)
    }
  }

  private readEscaped(result: WordCollector, keepEscapes: boolean): void {
    const escapeChar = this.next() ?? ''
    if (keepEscapes) result.addRaw(escapeChar)
    const escaped = this.next()
    if (escaped !== undefined) result.addRaw(escaped)
  }

  // The name of a heredoc may stand apart from its `<<`, and is one word with it.
  private readAngle(): string {
    this.at++
    if (this.peek() !== '<') return '<'
    this.at++
    const begin = this.at
    if (this.peek() === '-' && isSpace(this.characters[this.at + 1] ?? '')) this.at++
    while (isSpace(this.peek() ?? '')) this.at++
    return `<<${this.characters.slice(begin, this.at).join('')}`
  }

  private readSingleQuoted(): string {
    const end = this.characters.indexOf("'", this.at + 1)
    if (end < 0) {
      this.at = this.characters.length
      throw new WordProblem('unexpected end of statement while looking for matching single-quote')
    }
    const keep = this.options.keepQuotes ? 0 : 1
    const text = this.characters.slice(this.at + keep, end + 1 - keep).join('')
    this.at = end + 1
    return text
  }

  private readDoubleQuoted(keepEscapes: boolean): string {
    const quote = this.options.keepQuotes ? '"' : ''
    const parts = [quote]
    this.at++
    for (;;) {
      const character = this.peek()
      if (character === undefined) {
        throw new WordProblem('unexpected end of statement while looking for matching double-quote')
      }
      if (character === '$') {
        parts.push(this.readDollar())
        continue
      }
      this.at++
      if (character === '"') return parts.join('') + quote
      parts.push(character === this.options.escapeChar ? this.escapedInQuotes(keepEscapes) : character)
    }
  }

  // Only what means something inside double quotes can be escaped there; before all else the escape character is itself.
  private escapedInQuotes(keepEscapes: boolean): string {
    const { escapeChar } = this.options
    const kept = keepEscapes ? escapeChar : ''
    const escaped = this.peek()
    if (escaped === undefined) return kept
    if (escaped !== '"' && escaped !== '$' && escaped !== escapeChar) return kept + escapeChar
    this.at++
    return kept + escaped
  }

  private readDollar(): string {
    this.at++
    if (this.peek() === '{') {
      this.at++
      return readSubstitution(this)
    }
    const name = this.readName()
    if (name === '') return '$'
    return this.lookUp(name) ?? (this.options.keepUnset ? `$${name}` : '')
  }

  private readWhile(pattern: RegExp): string {
    const begin = this.at
    while (pattern.test(this.peek() ?? '')) this.at++
    return this.characters.slice(begin, this.at).join('')
  }

  private count(text: string): string {
    this.produced += text.length
    if (this.produced > maxExpanded) throw new WordProblem(`the word expands to more than ${maxExpanded} characters`)
    return text
  }
}
