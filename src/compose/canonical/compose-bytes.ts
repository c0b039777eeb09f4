// SPDX-License-Identifier: Apache-2.0

const powers = 'kmgtp'

/**
 * A number of bytes by the rule of compose: `b`, `k`, `m`, `g`, `t` and `p`, with or without `b` or `ib`, all binary; the case does not matter. A bare
 * number is bytes, -1 stands for no limit. Throws an Error with a phrase.
 */
export function composeBytes(value: string | number): number {
  const text = String(value).trim()
  if (/^-?\d+$/.test(text)) return checked(Number(text), text)
  const match = /^(\d+(?:\.\d*)?|\.\d+) ?([kmgtp])?(?:i?b)?$/i.exec(text)
  if (match === null) throw new Error(`invalid size: '${text}'`)
  const power = match[2] === undefined ? 0 : powers.indexOf(match[2].toLowerCase()) + 1
  return checked(Math.floor(Number(match[1]) * 1024 ** power), text)
}

function checked(bytes: number, text: string): number {
  if (!Number.isSafeInteger(bytes)) throw new Error(`the size ${text} is too large`)
  return bytes
}
