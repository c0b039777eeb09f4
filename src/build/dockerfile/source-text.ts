// SPDX-License-Identifier: Apache-2.0
import { isUtf8 } from 'node:buffer'
import { EngineError } from '../../errors/engine-error.js'
import type { SourcePosition } from './position.js'

/** The most a Dockerfile may have, as with BuildKit: 16 MiB. Whoever reads one looks at its size first. */
export const maxDockerfileBytes = 16 * 1024 * 1024
/** The most a line may have, without its end. */
const maxLineBytes = 65_535
const maxExcerpt = 120
// Some quote what the file says.
const maxProblem = 1000

/** What goes with a refusal. */
export interface Refusal {
  readonly hint?: string | undefined
  readonly cause?: unknown
}

/** A place in a file. */
export interface SourcePlace extends SourcePosition {
  readonly file: string
}

/** The lines of a Dockerfile, and its errors with the line they are about. */
export class SourceText {
  /** Each with its own end: `\n`, `\r\n`, or nothing on the last one. */
  readonly lines: readonly string[]
  private readonly isLossy: boolean

  /** ERR_DOCKERFILE if it is too large or has a line that is too long. */
  constructor(
    content: string | Uint8Array,
    /** How the file is called in messages. */
    readonly name = 'Dockerfile',
    /** Where lines come from that a program wrote, as far as that is known. */
    private readonly places: readonly (SourcePlace | null)[] = [],
  ) {
    const size = typeof content === 'string' ? Buffer.byteLength(content) : content.byteLength
    if (size > maxDockerfileBytes) throw this.tooLarge(size)
    this.isLossy = typeof content !== 'string' && !isUtf8(content)
    const text = typeof content === 'string' ? content : Buffer.from(content).toString()
    this.lines = splitLines(text.startsWith('\ufeff') ? text.slice(1) : text)
    const long = this.lines.findIndex(isTooLong)
    if (long >= 0) throw this.fail({ line: long + 1, column: 1 }, `the line is longer than ${maxLineBytes} bytes`)
  }

  /** Where it stands: in this file, or in the program that wrote the line. */
  placeOf({ line, column }: SourcePosition): SourcePlace {
    return this.places[line - 1] ?? { file: this.name, line, column }
  }

  /** ERR_DOCKERFILE about a place, with the line and a mark below it. */
  fail({ line, column }: SourcePosition, problem: string, { hint, cause }: Refusal = {}): EngineError {
    const where = `${this.name}:${line}:${column}`
    const told = problem.length > maxProblem ? `${problem.slice(0, maxProblem)}…` : problem
    const message = `${where}: ${told}${this.excerpt({ line, column })}`
    return new EngineError({ code: 'ERR_DOCKERFILE', message, line, column, hint, cause })
  }

  /** Refuses a line that matters and was not UTF-8: it would be built as something else. */
  checkEncoding(line: number): void {
    if (!this.isLossy) return
    const at = this.lines[line - 1]?.indexOf('\ufffd') ?? -1
    if (at >= 0) throw this.fail({ line, column: at + 1 }, 'the line is not UTF-8')
  }

  private excerpt({ line, column }: SourcePosition): string {
    const text = this.lines[line - 1]?.replace(/[\r\n]+$/, '')
    if (!text) return ''
    const from = column > maxExcerpt - 20 ? column - 40 : 0
    const cut = text.slice(from, from + maxExcerpt).replaceAll('\t', ' ')
    const gutter = ' '.repeat(String(line).length)
    return `\n  ${line} | ${cut}\n  ${gutter} | ${' '.repeat(Math.max(column - 1 - from, 0))}^`
  }

  private tooLarge(size: number): EngineError {
    return new EngineError({
      code: 'ERR_DOCKERFILE',
      message: `${this.name}: ${size} bytes are too many for a Dockerfile, at most ${maxDockerfileBytes} are read`,
      line: 1,
      column: 1,
    })
  }
}

function splitLines(text: string): readonly string[] {
  const lines: string[] = []
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\n', from)
    const next = end < 0 ? text.length : end + 1
    lines.push(text.slice(from, next))
    from = next
  }
  return lines
}

function isTooLong(line: string): boolean {
  if (line.length <= maxLineBytes / 3) return false
  return Buffer.byteLength(line) - (line.endsWith('\n') ? 1 : 0) > maxLineBytes
}
