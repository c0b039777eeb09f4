// SPDX-License-Identifier: Apache-2.0
import { randomFillSync } from 'node:crypto'

const idBytes = 32
// Asking the generator takes thirty times as long as an id's share of a full buffer.
const pool = Buffer.alloc(128 * idBytes)
let used = pool.length

/** A new id: 64 hex digits, of which the first twelve are never all decimal (so that no short id looks like a number). */
export function randomId(): string {
  for (;;) {
    if (used === pool.length) {
      randomFillSync(pool)
      used = 0
    }
    const id = pool.toString('hex', used, used + idBytes)
    used += idBytes
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
