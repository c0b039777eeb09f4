// SPDX-License-Identifier: Apache-2.0

// Unicode's White_Space, which JavaScript's \s is not: it lacks U+0085 and has U+FEFF.
const space = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/
const leading = new RegExp(`^${space.source}+`)
const noSpace = /[^\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/

/** Whether the character is white space as Unicode has it. */
export function isSpace(character: string): boolean {
  return space.test(character)
}

/** How many characters of white space come first, from an offset on. */
export function skipSpaces(text: string, from = 0): number {
  let at = from
  while (at < text.length && isSpace(text.charAt(at))) at++
  return at
}

/** The text without the white space before it. */
export function trimStart(text: string): string {
  return text.replace(leading, '')
}

/** The text without white space around it. */
export function trimSpaces(text: string): string {
  if (!noSpace.test(text)) return ''
  let end = text.length
  while (isSpace(text.charAt(end - 1))) end--
  return text.slice(skipSpaces(text), end)
}
