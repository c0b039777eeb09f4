// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'

const unitMs: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['μs', 1e-3],
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

const usage = 'give a number of milliseconds, or a text such as 500ms, 30s, 1m30s'

/**
 * Milliseconds of a number (of milliseconds) or of a text of numbers with units, as Go and compose write them
 * (`1m30s`, `1.5h`). Refused with ERR_INVALID_ARGUMENT naming `option` if negative, not finite, or malformed.
 */
export function parseDurationMs(value: unknown, option: string): number {
  if (typeof value === 'number') {
    if (Number.isFinite(value) && value >= 0) return value
    throw invalidArgument(option, `${value} is not a duration`, usage)
  }
  if (typeof value !== 'string' || !/^(\d{1,15}(\.\d{1,9})?(ns|us|µs|μs|ms|s|m|h|d)){1,9}$/.test(value)) {
    if (value === '0') return 0
    throw invalidArgument(option, `${quoted(value)} is not a duration`, usage)
  }
  let total = 0
  for (const [, amount, unit] of value.matchAll(/([\d.]+)([a-zµμ]+)/g))
    total += Number(amount) * (unitMs.get(unit ?? '') ?? 0)
  return total
}
