// SPDX-License-Identifier: Apache-2.0

/** The pause that a Retry-After header asks for, in milliseconds: seconds or a date (RFC 9110, 10.2.3); null for anything else. */
export function parseRetryAfter(header: string | undefined, now: number = Date.now()): number | null {
  const text = header?.trim() ?? ''
  if (/^\d{1,10}(\.\d{1,3})?$/.test(text)) return Number(text) * 1000
  if (!/^[A-Za-z]{3,9},? /.test(text)) return null
  const date = Date.parse(text)
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}
