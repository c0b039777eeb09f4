// SPDX-License-Identifier: Apache-2.0

/** One way to authenticate that a server offers (RFC 9110, 11.6.1). */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string
  /** By name in lower case. */
  readonly parameters: ReadonlyMap<string, string>
}

const maxLength = 16_384
const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y
const spaces = /[ \t]*/y
const separators = /[ \t,]*/y
// No control characters: what is read here becomes part of requests.
const quotedString = /"((?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[\x20-\x7e])*)"/y
const token68 = /[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get done(): boolean {
    return this.#at >= this.#text.length
  }

  take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match) this.#at = pattern.lastIndex
    return match
  }

  takeText(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  mark(): () => void {
    const at = this.#at
    return () => {
      this.#at = at
    }
  }
}

/** The challenges of WWW-Authenticate headers, several of which may stand in one; what is malformed ends its header. */
export function parseChallenges(headers: readonly string[]): readonly Challenge[] {
  return headers.flatMap((header) => (header.length > maxLength ? [] : readHeader(new Reader(header))))
}

function readHeader(reader: Reader): readonly Challenge[] {
  const challenges: Challenge[] = []
  for (;;) {
    reader.take(separators)
    if (reader.done) return challenges
    const scheme = reader.take(token)?.[0].toLowerCase()
    if (scheme === undefined) return challenges
    const parameters = readParameters(reader)
    if (parameters === null) return challenges
    challenges.push({ scheme, parameters })
  }
}

// null: malformed.
function readParameters(reader: Reader): ReadonlyMap<string, string> | null {
  const parameters = new Map<string, string>()
  const isFollowed = reader.take(/[ \t]+/y) !== null
  if (!isFollowed) return parameters
  if (reader.take(token68)) return parameters
  for (;;) {
    const back = reader.mark()
    reader.take(separators)
    const name = reader.take(token)?.[0].toLowerCase()
    reader.take(spaces)
    if (name === undefined || !reader.takeText('=')) {
      // The name of the next scheme, or nothing more.
      back()
      return parameters
    }
    reader.take(spaces)
    const value = readValue(reader)
    if (value === undefined || parameters.has(name)) return null
    parameters.set(name, value)
  }
}

function readValue(reader: Reader): string | undefined {
  const inQuotes = reader.take(quotedString)
  return inQuotes ? (inQuotes[1] ?? '').replace(/\\(.)/g, '$1') : reader.take(token)?.[0]
}
