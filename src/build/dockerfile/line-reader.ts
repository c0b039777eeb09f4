// SPDX-License-Identifier: Apache-2.0
import { type DirectiveName, directiveIn } from './directives.js'
import type { HeredocWord } from './heredoc.js'
import { LogicalLine } from './logical-line.js'
import type { SourceText } from './source-text.js'
import { skipSpaces, trimSpaces } from './spaces.js'

/** An instruction's line with its comments. */
export interface ReadInstruction {
  readonly line: LogicalLine
  /** From 1. */
  readonly firstLine: number
  /** From 1; heredocs come after it. */
  readonly lastLine: number
  /** Those directly above, without `#`; one without text ends them. */
  readonly comments: readonly string[]
}

/** Takes a file's lines one after another: comments away, continued lines together. */
export class LineReader {
  /** What escapes and continues. */
  escapeChar = '\\'
  /** The last lines of instructions that have an empty line inside. */
  readonly emptyContinuations: number[] = []
  private taken = 0
  private seen: Set<DirectiveName> | null = new Set()

  constructor(private readonly source: SourceText) {}

  /** How many lines were taken, which is the number of the last one. */
  get line(): number {
    return this.taken
  }

  /** The next instruction's line, null after the last one. */
  next(): ReadInstruction | null {
    let comments: string[] = []
    for (let raw = this.take(); raw !== undefined; raw = this.take()) {
      const begin = skipSpaces(raw)
      const text = withoutEnd(raw.slice(begin))
      const isDirective = this.takeDirective(text)
      if (text.startsWith('#')) {
        const comment = trimSpaces(text.slice(1))
        if (comment === '') comments = []
        else if (!isDirective) comments.push(comment)
        continue
      }
      if (text === '') {
        comments = []
        continue
      }
      return this.readInstruction(text, begin + 1, comments)
    }
    return null
  }

  /** The text up to the line that ends it, null if none does. */
  readHeredoc({ name, chomp }: HeredocWord): { readonly content: string; readonly line: number } | null {
    const line = this.taken + 1
    const parts: string[] = []
    for (let raw = this.take(); raw !== undefined; raw = this.take()) {
      const text = withoutEnd(raw)
      if ((chomp ? text.replace(/^\t+/, '') : text) === name) return { content: parts.join(''), line }
      this.source.checkEncoding(this.taken)
      parts.push(raw)
    }
    return null
  }

  private readInstruction(first: string, column: number, comments: readonly string[]): ReadInstruction {
    const firstLine = this.taken
    const line = new LogicalLine()
    let isOpen = this.addLine(line, first, column)
    let hasEmpty = false
    while (isOpen) {
      const raw = this.take()
      if (raw === undefined) break
      const text = withoutEnd(raw)
      const begin = skipSpaces(text)
      if (text.charAt(begin) === '#') continue
      if (begin === text.length) hasEmpty = true
      else isOpen = this.addLine(line, text, 1)
    }
    if (hasEmpty) this.emptyContinuations.push(this.taken)
    return { line: line.join(), firstLine, lastLine: this.taken, comments }
  }

  // True if the line goes on in the next one.
  private addLine(line: LogicalLine, text: string, column: number): boolean {
    this.source.checkEncoding(this.taken)
    const end = this.continuationAt(text)
    line.add(end < 0 ? text : text.slice(0, end), this.taken, column)
    return end >= 0
  }

  // An escape character at the end continues the line, unless it is itself escaped.
  private continuationAt(text: string): number {
    let at = text.length - 1
    while (text.charAt(at) === ' ' || text.charAt(at) === '\t') at--
    return text.charAt(at) === this.escapeChar && text.charAt(at - 1) !== this.escapeChar ? at : -1
  }

  // Directives end with the first line that is none.
  private takeDirective(text: string): boolean {
    if (!this.seen) return false
    const directive = directiveIn(text, this.taken)
    if (!directive) {
      this.seen = null
      return false
    }
    const { name, value } = directive
    if (this.seen.has(name)) throw this.refuse(`only one ${name} parser directive can be used`)
    this.seen.add(name)
    if (name !== 'escape') return true
    if (value !== '\\' && value !== '`') throw this.refuse(`invalid escape token '${value}' does not match \` or \\`)
    this.escapeChar = value
    return true
  }

  private refuse(problem: string) {
    return this.source.fail({ line: this.taken, column: 1 }, problem)
  }

  private take(): string | undefined {
    const raw = this.source.lines[this.taken]
    if (raw !== undefined) this.taken++
    return raw
  }
}

function withoutEnd(line: string): string {
  return line.replace(/[\r\n]+$/, '')
}
