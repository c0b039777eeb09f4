// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto'

/** A new id: 64 hex digits, of which the first twelve are never all decimal (so that no short id looks like a number). */
export function randomId(): string {
  for (;;) {
    const id = randomBytes(32).toString('hex')
    if (!/^\d{12}/.test(id)) return id
  }
}

/** Whether the text is a full id. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text)
}

/** Whether the text could be the beginning of an id. */
export function isIdPrefix(text: string): boolean {
  return /^[0-9a-f]{1,64}$/.test(text)
}

/** The twelve digits that people see. */
export function shortId(id: string): string {
  return id.slice(0, 12)
}
