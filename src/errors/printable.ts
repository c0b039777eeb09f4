// SPDX-License-Identifier: Apache-2.0

/**
 * The text with control and direction characters escaped, so that a name chosen by a stranger can neither move the
 * cursor of a terminal nor forge a line of a log. Newline and tab stay.
 */
export function printable(text: string): string {
  let result = ''
  let clean = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (!isHarmful(unit)) continue
    result += `${text.slice(clean, at)}\\u${unit.toString(16).padStart(4, '0')}`
    clean = at + 1
  }
  return clean === 0 ? text : result + text.slice(clean)
}

/** The text in quotes, escaped and cut: for naming a stranger's value in a message. */
export function quoted(value: unknown, maxLength = 80): string {
  const text = typeof value === 'string' ? value : describe(value)
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
  return typeof value === 'string' ? `'${printable(cut).replaceAll('\n', '\\n')}'` : printable(cut)
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'function') return 'a function'
  return String(value)
}

function isHarmful(unit: number): boolean {
  if (unit < 0x20) return unit !== 0x0a && unit !== 0x09
  if (unit >= 0x7f && unit <= 0x9f) return true
  return unit === 0x2028 || unit === 0x2029 || (unit >= 0x202a && unit <= 0x202e) || (unit >= 0x2066 && unit <= 0x2069)
}
