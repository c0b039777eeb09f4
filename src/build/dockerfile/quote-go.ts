// SPDX-License-Identifier: Apache-2.0

const short: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '"': '\\"',
  '\\': '\\\\',
}

/** The text as Go's `%q` writes it, which is what Docker's histories are written with. */
export function quoteGo(text: string): string {
  return `"${[...text].map(quoteOne).join('')}"`
}

/** A list as Go's `%q` writes it. */
export function quoteGoList(items: readonly string[]): string {
  return `[${items.map(quoteGo).join(' ')}]`
}

/** A number as Go's `%q` writes it: as the character of that number. */
export function quoteGoRune(code: number): string {
  const isCharacter = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
  const character = isCharacter ? String.fromCodePoint(code) : '\ufffd'
  if (character === '"') return `'"'`
  return character === "'" ? `'\\''` : `'${quoteOne(character)}'`
}

function quoteOne(character: string): string {
  const known = short[character]
  if (known !== undefined) return known
  if (/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character)) return character
  const code = character.codePointAt(0) ?? 0
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}
