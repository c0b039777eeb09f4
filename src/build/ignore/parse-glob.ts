// SPDX-License-Identifier: Apache-2.0

/** One part of a pattern. */
export type GlobToken =
  | { readonly kind: 'character'; readonly character: string }
  /** Any character but a slash. */
  | { readonly kind: 'one' }
  /** Any number of characters that are no slashes. */
  | { readonly kind: 'star' }
  /** Any number of directories, none included. */
  | { readonly kind: 'directories' }
  /** Everything. */
  | { readonly kind: 'rest' }
  | { readonly kind: 'class'; readonly negated: boolean; readonly ranges: readonly (readonly [number, number])[] }

/** A pattern in parts, or what is wrong with it. */
export type ParsedGlob = { readonly tokens: readonly GlobToken[] } | { readonly problem: string }

/**
 * Parses a pattern in the grammar of Go's `path.Match`, with `**` for any number of directories. Braces, parentheses and the like
 * are characters.
 */
export function parseGlob(pattern: string): ParsedGlob {
  const characters = [...pattern]
  const tokens: GlobToken[] = []
  for (let at = 0; at < characters.length; ) {
    const parsed = parseToken(characters, at)
    if ('problem' in parsed) return parsed
    tokens.push(parsed.token)
    at = parsed.next
  }
  return { tokens }
}

type ParsedToken = { readonly token: GlobToken; readonly next: number } | { readonly problem: string }

function parseToken(characters: readonly string[], at: number): ParsedToken {
  const character = characters[at] ?? ''
  if (character === '*') return parseStar(characters, at)
  if (character === '?') return { token: { kind: 'one' }, next: at + 1 }
  if (character === '[') return parseClass(characters, at + 1)
  if (character !== '\\') return { token: { kind: 'character', character }, next: at + 1 }
  const escaped = characters[at + 1]
  if (escaped === undefined) return { problem: 'a backslash at the end escapes nothing' }
  return { token: { kind: 'character', character: escaped }, next: at + 2 }
}

function parseStar(characters: readonly string[], at: number): ParsedToken {
  if (characters[at + 1] !== '*') return { token: { kind: 'star' }, next: at + 1 }
  const next = characters[at + 2] === '/' ? at + 3 : at + 2
  return { token: { kind: next === characters.length ? 'rest' : 'directories' }, next }
}

function parseClass(characters: readonly string[], from: number): ParsedToken {
  const negated = characters[from] === '^'
  const ranges: (readonly [number, number])[] = []
  let at = negated ? from + 1 : from
  for (; characters[at] !== ']' || ranges.length === 0; ) {
    const low = parseMember(characters, at)
    if ('problem' in low) return low
    at = low.next
    const high: ParsedMember = characters[at] === '-' ? parseMember(characters, at + 1) : low
    if ('problem' in high) return high
    at = high.next
    if (high.code < low.code) return { problem: 'a range ends before it begins' }
    ranges.push([low.code, high.code])
  }
  return { token: { kind: 'class', negated, ranges }, next: at + 1 }
}

type ParsedMember = { readonly code: number; readonly next: number } | { readonly problem: string }

function parseMember(characters: readonly string[], from: number): ParsedMember {
  const isEscaped = characters[from] === '\\'
  const at = isEscaped ? from + 1 : from
  const character = characters[at]
  if (character === undefined) return { problem: 'a [ has no ]' }
  if (!isEscaped && (character === '-' || character === ']'))
    return { problem: `a ${character} in [] has to be escaped` }
  return { code: character.codePointAt(0) ?? 0, next: at + 1 }
}
