// SPDX-License-Identifier: Apache-2.0
import type { Fault } from './fault-kinds.js'
import type { Operation } from './operations.js'
import { type Ground, walkPoint } from './point.js'

/** Which points of an operation. */
export interface Range {
  readonly from?: number | undefined
  readonly to?: number | undefined
  /** Every so many-th one. */
  readonly sample?: number | undefined
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

/** Counts the steps of an operation, then has the fault strike at each of them in turn. */
export const walk = async (ground: Ground, operation: Operation, fault: Fault, range: Range = {}): Promise<Walk> => {
  const counting = { ...fault, order: { ...fault.order, action: 'count' } } as const
  const counted = await walkPoint(ground, operation, { name: fault.name, order: counting.order }, 0)
  const steps = counted.came.counted
  const places = new Set(ground.file.sitesOf(steps)).size
  const wrongs = counted.wrongs.map((line) => `undisturbed: ${line}`)
  let [points, failed] = [0, 0]
  for (let wanted = range.from ?? 1; wanted <= Math.min(range.to ?? steps, steps); wanted += range.sample ?? 1) {
    const walked = await walkPoint(ground, operation, fault, wanted)
    if (walked.came.hit) points++
    if (walked.code !== undefined) failed++
    const { call, site } = walked.came
    wrongs.push(...walked.wrongs.map((line) => `step ${wanted} (${call} at ${site.toString(16)}): ${line}`))
  }
  return { steps, places, points, failed, wrongs }
}
