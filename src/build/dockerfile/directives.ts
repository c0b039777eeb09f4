// SPDX-License-Identifier: Apache-2.0
import { trimStart } from './spaces.js'

/** What a Dockerfile can say about itself in its first comments. */
export type DirectiveName = 'syntax' | 'escape' | 'check'

/** One such comment. */
export interface Directive {
  readonly name: DirectiveName
  readonly value: string
  /** From 1. */
  readonly line: number
}

const pattern = /^([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=[\t\n\f\r ]*(.+?)[\t\n\f\r ]*$/

/** The line as a directive; null ends them, since whatever is none leaves no place for others. */
export function directiveIn(text: string, line: number, comment = '#'): Directive | null {
  if (!text.startsWith(comment)) return null
  const match = pattern.exec(trimStart(text.slice(comment.length)))
  const name = match?.[1]?.toLowerCase()
  if (name !== 'syntax' && name !== 'escape' && name !== 'check') return null
  return { name, value: match?.[2] ?? '', line }
}

/**
 * The directive of that name among a file's first lines, whatever language the rest is in: after a `#!` line, in comments with
 * `//`, for `syntax` also as a member of a JSON object. Of `syntax` the first word counts.
 */
export function detectDirective(name: DirectiveName, content: string): Directive | null {
  const { lines, offset } = firstLines(content)
  const found = scan(lines, offset, '#').find((directive) => directive.name === name)
  if (name !== 'syntax') return found ?? null
  const syntax = found ?? scan(lines, offset, '//').find((directive) => directive.name === name) ?? inJson(content)
  return syntax && { ...syntax, value: syntax.value.split(' ', 1)[0] ?? '' }
}

function firstLines(content: string): { readonly lines: readonly string[]; readonly offset: number } {
  // There are three directives, and one line that may come before them.
  const lines = content
    .replace(/^\ufeff/, '')
    .split('\n', 5)
    .map((line) => line.replace(/\r$/, ''))
  return lines[0]?.startsWith('#!') ? { lines: lines.slice(1), offset: 1 } : { lines, offset: 0 }
}

function scan(lines: readonly string[], offset: number, comment: string): readonly Directive[] {
  const found: Directive[] = []
  for (const [index, line] of lines.entries()) {
    const directive = directiveIn(line, offset + index + 1, comment)
    if (!directive || found.some(({ name }) => name === directive.name)) break
    found.push(directive)
  }
  return found
}

function inJson(content: string): Directive | null {
  if (!content.trimStart().startsWith('{')) return null
  try {
    const value: unknown = Reflect.get(JSON.parse(content) as object, 'syntax')
    return typeof value === 'string' ? { name: 'syntax', value, line: 1 } : null
  } catch {
    return null
  }
}
