// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto'
import type { Choice } from './walk.js'

/** So many steps, which the seed decides. */
export const seededChoice =
  (seed: string, count: number): Choice =>
  (steps) => {
    const all = Array.from({ length: count }, (_, index) => {
      const hash = createHash('sha256').update(`${seed} ${index}`).digest()
      return 1 + (hash.readUInt32LE(0) % steps)
    })
    return steps === 0 ? [] : all
  }
