// SPDX-License-Identifier: Apache-2.0
import type { Fault } from './fault-kinds.js'
import type { Operation } from './operations.js'
import { type Ground, walkPoint } from './point.js'

/** Which of so many steps, from 1, a walk goes to. */
export type Choice = (steps: number) => readonly number[]

/** All of them, or those of a range, or every so many-th. */
export const stepsOf =
  ({ from = 1, to = Number.POSITIVE_INFINITY, sample = 1 }): Choice =>
  (steps) => {
    const last = Math.min(to, steps)
    return Array.from(
      { length: Math.max(0, Math.floor((last - from) / sample) + 1) },
      (_, index) => from + index * sample,
    )
  }

/** What a walk came to. */
export interface Walk {
  /** The calls of the operation at which the fault can strike. */
  readonly steps: number
  /** The different places in the program at which they are made. */
  readonly places: number
  /** Those at which it struck. */
  readonly points: number
  /** Those after which the operation failed, with an error of ours. */
  readonly failed: number
  readonly wrongs: readonly string[]
}

/** Counts the steps of an operation, then has the fault strike at each that is chosen, in turn. */
export const walk = async (ground: Ground, operation: Operation, fault: Fault, choice: Choice): Promise<Walk> => {
  const counting = { ...fault, order: { ...fault.order, action: 'count' } } as const
  const counted = await walkPoint(ground, operation, { name: fault.name, order: counting.order }, 0)
  const steps = counted.came.counted
  const places = new Set(ground.file.sitesOf(steps)).size
  const wrongs = counted.wrongs.map((line) => `undisturbed: ${line}`)
  let [points, failed] = [0, 0]
  for (const wanted of choice(steps)) {
    const walked = await walkPoint(ground, operation, fault, wanted)
    if (walked.came.hit) points++
    if (walked.code !== undefined) failed++
    const { call, site } = walked.came
    wrongs.push(...walked.wrongs.map((line) => `step ${wanted} (${call} at ${site.toString(16)}): ${line}`))
  }
  return { steps, places, points, failed, wrongs }
}
