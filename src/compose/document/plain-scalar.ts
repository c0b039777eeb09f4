// SPDX-License-Identifier: Apache-2.0

/**
 * The value of a scalar without quotes, as compose files have it: the core schema of YAML 1.2, and numbers with a leading zero are octal,
 * for modes (`0440`). `yes`, `no`, `on` and `off` are text. Numbers that JavaScript cannot hold stay text, so that no digit is lost.
 */
export function plainScalar(source: string): null | boolean | number | string {
  if (source.length > 64) return source
  if (/^(?:~|null|Null|NULL|)$/.test(source)) return null
  if (/^(?:true|True|TRUE)$/.test(source)) return true
  if (/^(?:false|False|FALSE)$/.test(source)) return false
  return integer(source) ?? float(source) ?? source
}

function integer(source: string): number | undefined {
  const match = /^([-+]?)(?:0o?([0-7_]+)|0x([0-9a-fA-F_]+)|0b([01_]+)|(0|[1-9][0-9_]*))$/.exec(source)
  if (match === null || source.includes('__') || source.endsWith('_')) return undefined
  const [, sign, octal, hex, binary, decimal] = match
  const [digits, base] = octal ? [octal, 8] : hex ? [hex, 16] : binary ? [binary, 2] : [decimal ?? '', 10]
  const value = Number.parseInt(digits.replaceAll('_', ''), base)
  if (!Number.isSafeInteger(value)) return undefined
  return sign === '-' && value !== 0 ? -value : value
}

function float(source: string): number | undefined {
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(source)) return source.startsWith('-') ? -Infinity : Infinity
  if (/^\.(?:nan|NaN|NAN)$/.test(source)) return Number.NaN
  if (/^[-+]?(?:\.\d+|\d+\.\d*|\d+(?:\.\d*)?[eE][-+]?\d+)$/.test(source) || /^[-+]?\.\d+[eE][-+]?\d+$/.test(source)) {
    const value = Number(source)
    return Number.isFinite(value) ? value : undefined
  }
  return undefined
}
