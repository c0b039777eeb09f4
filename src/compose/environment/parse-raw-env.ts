// SPDX-License-Identifier: Apache-2.0
import type { Lookup } from './interpolate.js'

/** The variables of an env file of `format: raw`: everything after the `=` is the value, as it stands. A key alone takes its value from `lookup`. */
export function parseRawEnv(text: string, lookup: Lookup): Map<string, string> {
  const values = new Map<string, string>()
  for (const line of text.replace(/^\ufeff/, '').split(/\r?\n/)) {
    const trimmed = line.trimStart()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    const equals = trimmed.indexOf('=')
    const key = equals < 0 ? trimmed.trimEnd() : trimmed.slice(0, equals)
    const value = equals < 0 ? lookup(key) : trimmed.slice(equals + 1)
    if (value !== undefined) values.set(key, value)
  }
  return values
}
