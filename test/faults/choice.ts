// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto'
import type { Point } from './strike.js'

/** Which steps a walk goes to, of those whose ways are given in order. */
export type Choice = (ways: readonly number[]) => readonly Point[]

/** All of them, or those of a range, or every so many-th. */
export const stepsOf =
  ({ from = 1, to = Number.POSITIVE_INFINITY, sample = 1 }): Choice =>
  ({ length }) => {
    const count = Math.max(0, Math.floor((Math.min(to, length) - from) / sample) + 1)
    return Array.from({ length: count }, (_, index) => ({ wanted: from + index * sample }))
  }

/** The first step of each way in which the program comes to one: the hundredth file of a layer is like the first. */
export const eachWay: Choice = (ways) => [...new Set(ways)].map((way) => ({ wanted: 1, way }))

/** The first step of that way: where something was wrong. */
export const theWay =
  (way: number): Choice =>
  () => [{ wanted: 1, way }]

/** So many steps, which the seed decides. */
export const seededChoice =
  (seed: string, count: number): Choice =>
  ({ length }) => {
    const all = Array.from({ length: count }, (_, index) => {
      const hash = createHash('sha256').update(`${seed} ${index}`).digest()
      return { wanted: 1 + (hash.readUInt32LE(0) % length) }
    })
    return length === 0 ? [] : all
  }
