// SPDX-License-Identifier: Apache-2.0
import { type Interpolation, interpolate, type Lookup } from './interpolate.js'

/** A line of an env file that is none. */
export class DotenvError extends Error {
  readonly line: number

  constructor(line: number, problem: string) {
    super(problem)
    this.line = line
  }
}

const lineSpace = '[\\t\\v\\f\\r \\u0085\\u00a0]'
const keyPattern = new RegExp(
  `(?:export${lineSpace}+)?((?:${lineSpace}|[\\p{L}\\p{N}_.\\-[\\]])*)([=:\\n]|$)${lineSpace}*`,
  'uy',
)

/**
 * The variables of a `.env` file. A key alone takes its value from `lookup`, or is not there; single quotes are literal, double quotes know
 * escapes, and unquoted and double-quoted values are templates that see `lookup` first and then the lines before.
 */
export function parseDotenv(text: string, interpolation: Interpolation): Map<string, string> {
  return new DotenvParser(text.replace(/^\ufeff/, ''), interpolation).parse()
}

class DotenvParser {
  readonly #text: string
  readonly #lookup: Lookup
  readonly #interpolation: Interpolation
  readonly #values = new Map<string, string>()
  #at = 0

  constructor(text: string, interpolation: Interpolation) {
    this.#text = text
    this.#lookup = interpolation.lookup
    this.#interpolation = { ...interpolation, lookup: (name) => this.#lookup(name) ?? this.#values.get(name) }
  }

  parse(): Map<string, string> {
    for (;;) {
      this.#skip(/(?:\s|#[^\n]*(?=\n|$))*/y)
      if (this.#at >= this.#text.length) return this.#values
      this.#statement()
    }
  }

  #skip(pattern: RegExp): void {
    pattern.lastIndex = this.#at
    this.#at += pattern.exec(this.#text)?.[0].length ?? 0
  }

  #statement(): void {
    const start = this.#at
    keyPattern.lastIndex = start
    const match = keyPattern.exec(this.#text)
    if (match === null) throw this.#error(start, `unexpected character in a variable name: ${this.#lineAt(start)}`)
    const key = (match[1] ?? '').trimEnd()
    if (/\s/.test(key)) throw this.#error(start, `a key cannot contain a space: ${this.#lineAt(start)}`)
    this.#at = start + match[0].length
    if (match[2] === '=' || match[2] === ':') this.#values.set(key, this.#value())
    else {
      const inherited = this.#lookup(key)
      if (inherited !== undefined) this.#values.set(key, inherited)
    }
  }

  #value(): string {
    const quote = this.#text[this.#at]
    if (quote === '"') return interpolate(unescaped(this.#quoted(quote)), this.#interpolation)
    if (quote === "'") return this.#quoted(quote)
    const end = this.#text.indexOf('\n', this.#at)
    const line = this.#text.slice(this.#at, end < 0 ? undefined : end)
    this.#at += line.length
    return interpolate((line.split(' #', 1)[0] ?? '').trimEnd(), this.#interpolation)
  }

  // Up to the closing quote; a backslash keeps a quote from closing, and goes then.
  #quoted(quote: string): string {
    const start = this.#at
    let value = ''
    for (let at = start + 1; at < this.#text.length; at++) {
      const unit = this.#text[at] as string
      if (unit === quote) {
        this.#at = at + 1
        return value
      }
      if (unit === '\\' && at + 1 < this.#text.length) {
        const next = this.#text[++at] as string
        value += next === quote ? next : unit + next
      } else value += unit
    }
    throw this.#error(start, `unterminated quoted value ${this.#lineAt(start)}`)
  }

  #lineAt(at: number): string {
    return JSON.stringify(this.#text.slice(at, at + 80).split('\n', 1)[0])
  }

  #error(at: number, problem: string): DotenvError {
    return new DotenvError(this.#text.slice(0, at).split('\n').length, problem)
  }
}

const escapes: Readonly<Record<string, string>> = {
  ...{ a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', '"': '"' },
  // For the template, which comes after: a dollar that begins no variable.
  $: '$$',
}

function unescaped(value: string): string {
  return value.replace(/\\(?:([abcfnrtv$"\\])|0(\d{3}))/g, (whole, letter?: string, octal?: string) => {
    if (letter !== undefined) return escapes[letter] ?? whole
    const code = Number.parseInt(octal ?? '', 8)
    return Number.isNaN(code) || code > 255 ? whole : String.fromCharCode(code)
  })
}
