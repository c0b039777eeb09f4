// SPDX-License-Identifier: Apache-2.0

const unitNs: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 86_400e9,
  w: 604_800e9,
}

/** The nanoseconds of a duration as compose has them: `1m30s`, `500ms`, `1.5h`, `2d`. Throws an Error with a phrase. */
export function durationNs(text: string): number {
  const match = /^([-+]?)((?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h|d|w))+|0)$/.exec(text)
  if (match === null) throw new Error(`invalid duration: '${text}'`)
  let total = 0
  for (const [, amount, unit = ''] of (match[2] ?? '').matchAll(/(\d+(?:\.\d*)?|\.\d+)([a-zµμ]+)/g)) {
    total += Number(amount) * (unitNs[unit.replace('μ', 'µ')] ?? 0)
  }
  if (!Number.isSafeInteger(Math.round(total))) throw new Error(`the duration '${text}' is too long`)
  return match[1] === '-' ? 0 - Math.round(total) : Math.round(total)
}

/** The duration in its canonical form: hours, minutes and seconds, or one smaller unit; `1h30m0s`, `1.5s`, `250ms`. */
export function durationText(ns: number): string {
  if (ns === 0) return '0s'
  const sign = ns < 0 ? '-' : ''
  const size = Math.abs(ns)
  if (size < 1e3) return `${sign}${size}ns`
  if (size < 1e6) return `${sign}${size / 1e3}µs`
  if (size < 1e9) return `${sign}${size / 1e6}ms`
  const hours = Math.floor(size / 3600e9)
  const minutes = Math.floor((size % 3600e9) / 60e9)
  // Never with an exponent, which no duration has.
  const seconds = `${((size % 60e9) / 1e9).toFixed(9).replace(/\.?0+$/, '')}s`
  return sign + (hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m` : '') + seconds
}

/** The duration in its canonical form. Throws an Error with a phrase. */
export const canonicalDuration = (text: string): string => durationText(durationNs(text))
