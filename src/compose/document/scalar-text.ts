// SPDX-License-Identifier: Apache-2.0
import type { Tree } from './tree.js'

/** A scalar as text where compose wants text, such as values of `environment`: `1.0` is `1`, `true` is `true`. */
export function scalarText(value: Tree): string {
  if (typeof value !== 'number') return String(value)
  if (value === Infinity) return '+Inf'
  if (value === -Infinity) return '-Inf'
  const size = Math.abs(value)
  // Where Go's %v changes to an exponent, and how many digits it has at least.
  if (size !== 0 && (size < 1e-4 || (size >= 1e21 && !Number.isInteger(value)) || size >= 1e21)) {
    return value.toExponential().replace(/e([-+])(\d)$/, 'e$10$2')
  }
  return String(value)
}
