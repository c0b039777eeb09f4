// SPDX-License-Identifier: Apache-2.0

/** A pattern of `${name#pattern}` and its like: fixed parts with a `*` between each two. Made by {@link parsePattern}. */
export type ShellPattern = readonly (readonly (string | typeof anyOne)[])[]

/** What `?` stands for: one character, but no line break. */
const anyOne = Symbol('?')

/** How much of the value a match takes. */
export type MatchLength = 'shortest' | 'longest'

const maxWork = 2 ** 28

/** The pattern, or why it is none. Brackets are plain characters, as with BuildKit. */
export function parsePattern(text: string): ShellPattern | { readonly problem: string } {
  const segments: (string | typeof anyOne)[][] = [[]]
  const characters = [...text]
  for (let at = 0; at < characters.length; at++) {
    let character = characters[at] ?? ''
    if (character === '*') {
      segments.push([])
      continue
    }
    if (character === '\\') {
      const next = characters[at + 1]
      // What ends ${…} or a part of it is escaped for that, not for the pattern.
      if (next === '}' || next === '/') continue
      if (next !== '*' && next !== '?' && next !== '\\') return { problem: `invalid escape '\\${next ?? ''}'` }
      at++
      character = next
    } else if (character === '?') {
      segments.at(-1)?.push(anyOne)
      continue
    }
    segments.at(-1)?.push(character)
  }
  return segments
}

/** The value without the part at its beginning that matches. */
export function trimPrefix(value: string, pattern: ShellPattern, length: MatchLength): string {
  const characters = [...value]
  const end = matchAt(characters, 0, pattern, length)
  return end === null ? value : characters.slice(end).join('')
}

/** The value without the part at its end that matches. */
export function trimSuffix(value: string, pattern: ShellPattern, length: MatchLength): string {
  const backwards = [...value].reverse()
  const reversed = pattern.map((segment) => [...segment].reverse()).reverse()
  const end = matchAt(backwards, 0, reversed, length)
  return end === null ? value : backwards.slice(end).reverse().join('')
}

/** The value with its first match, or all, replaced; each is the leftmost and then the longest. */
export function replaceMatches(
  value: string,
  pattern: ShellPattern,
  { by, all }: { readonly by: string; readonly all: boolean },
): string {
  const characters = [...value]
  const parts: string[] = []
  let copied = 0
  let lastEnd = 0
  for (let from = 0; from <= characters.length; ) {
    const found = search(characters, from, pattern)
    if (!found) break
    // An empty match right behind another one is none.
    if (found.end > lastEnd || found.start === 0) {
      parts.push(characters.slice(copied, found.start).join(''), by)
      copied = found.end
    }
    if (!all) break
    lastEnd = found.end
    from = Math.max(found.end, from + 1)
  }
  return parts.join('') + characters.slice(copied).join('')
}

/** Whether matching would take too long to be an honest pattern. */
export function isTooMuchWork(value: string, pattern: string): boolean {
  return value.length * Math.max(pattern.length, 1) > maxWork
}

function search(value: readonly string[], from: number, pattern: ShellPattern) {
  for (let start = from; start <= value.length; start++) {
    const end = matchAt(value, start, pattern, 'longest')
    if (end !== null) return { start, end }
    // A `*` has seen the rest of the line already: nothing that begins further right in it can match either.
    if (pattern.length > 1 && fits(value, start, pattern[0] ?? [])) start = endOfLine(value, start)
  }
  return null
}

function matchAt(value: readonly string[], start: number, pattern: ShellPattern, length: MatchLength): number | null {
  const [first = [], ...rest] = pattern
  if (!fits(value, start, first)) return null
  let at = start + first.length
  for (const [index, segment] of rest.entries()) {
    const isLast = index === rest.length - 1
    const found = find(value, at, segment, isLast && length === 'longest')
    if (found === null) return null
    at = found + segment.length
  }
  return at
}

type Segment = ShellPattern[number]

function find(value: readonly string[], from: number, segment: Segment, fromTheEnd: boolean): number | null {
  const last = Math.min(endOfLine(value, from), value.length - segment.length)
  if (fromTheEnd) {
    for (let at = last; at >= from; at--) if (fits(value, at, segment)) return at
    return null
  }
  for (let at = from; at <= last; at++) if (fits(value, at, segment)) return at
  return null
}

function fits(value: readonly string[], at: number, segment: Segment): boolean {
  if (at + segment.length > value.length) return false
  return segment.every((wanted, index) =>
    wanted === anyOne ? value[at + index] !== '\n' : value[at + index] === wanted,
  )
}

function endOfLine(value: readonly string[], from: number): number {
  const end = value.indexOf('\n', from)
  return end < 0 ? value.length : end
}
