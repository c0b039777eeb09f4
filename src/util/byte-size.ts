// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'

/** A number of bytes, or a string with b, k, m, g, t, KiB, MiB, GiB or TiB, all binary: `'256MiB'`, `'1.5g'`. */
export type ByteSize = number | string

const units: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ...['k', 'm', 'g', 't'].flatMap((letter, power): [string, number][] => [
    [letter, 1024 ** (power + 1)],
    [`${letter}ib`, 1024 ** (power + 1)],
  ]),
])

/**
 * The number of bytes, refused with ERR_INVALID_ARGUMENT naming `option` if it is negative, no number, no whole number
 * of bytes as a number, or beyond 2^53-1. Fractions of a unit are rounded down to whole bytes. `MB` and its like are
 * refused, since half of the world means 1000 by it.
 */
export function parseByteSize(value: unknown, option: string): number {
  if (typeof value === 'number') return checkBytes(value, option)
  if (typeof value !== 'string') throw invalidArgument(option, `expected a size, got ${quoted(value)}`, usage)
  const match = /^(\d{1,16})(\.\d{1,9})?(?: ?([a-z]+))?$/i.exec(value)
  const unit = match?.[3]?.toLowerCase() ?? ''
  if (/^[kmgt]b$/.test(unit)) {
    const letter = unit.charAt(0)
    throw invalidArgument(
      option,
      `the unit of ${quoted(value)} is ambiguous`,
      `write ${match?.[1]}${match?.[2] ?? ''}${letter.toUpperCase()}iB (binary)`,
    )
  }
  const factor = units.get(unit)
  if (!match || factor === undefined) throw invalidArgument(option, `${quoted(value)} is not a size`, usage)
  if (match[2] && factor === 1) throw invalidArgument(option, `${quoted(value)} is not a whole number of bytes`, usage)
  return checkBytes(Math.floor(Number(match[1] + (match[2] ?? '')) * factor), option)
}

/** The size for people: `1.5 GiB`, `512 B`. */
export function formatByteSize(bytes: number): string {
  let value = bytes
  for (const unit of ['B', 'KiB', 'MiB', 'GiB']) {
    if (value < 1024) return `${Number(value.toFixed(1))} ${unit}`
    value /= 1024
  }
  return `${Number(value.toFixed(1))} TiB`
}

const usage = 'give a number of bytes, or a number with b, k, m, g, KiB, MiB or GiB: 64m, 1.5GiB'

function checkBytes(bytes: number, option: string): number {
  if (Number.isSafeInteger(bytes) && bytes >= 0) return Object.is(bytes, -0) ? 0 : bytes
  if (Number.isNaN(bytes)) throw invalidArgument(option, 'NaN is not a size', usage)
  if (bytes < 0) throw invalidArgument(option, `a size cannot be negative: ${bytes}`, usage)
  if (!Number.isInteger(bytes)) throw invalidArgument(option, `${bytes} is not a whole number of bytes`, usage)
  throw invalidArgument(option, `${bytes} bytes is too much`, usage)
}
