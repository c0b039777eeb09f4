// SPDX-License-Identifier: Apache-2.0
import { type Ring, round, type Step } from './round.js'

/** Which calls of each step to kill at. */
export interface Density {
  /** The most kills a step, spread over its calls. */
  readonly kills: number
  /** Whether the engine ends after each of them, rather than after the last one. */
  readonly ends: boolean
}

/** What a sweep over one step came to. */
export interface Swept {
  readonly step: string
  readonly calls: number
  readonly kills: number
  /** Lines like `call 17 (mkdirat): left: cgroup …`. */
  readonly wrongs: readonly string[]
}

/** Counts the calls of a step, then kills at each of them, or at as many as the density allows, in order. */
export const sweep = async (ring: Ring, step: Step, { kills, ends }: Density): Promise<Swept> => {
  const counted = await round(ring, { ...step, victim: undefined }, { call: 0, isLast: ends })
  const wrongs = counted.wrongs.map((line) => `undisturbed: ${line}`)
  const calls = counted.outcome.killed ? 0 : counted.outcome.counted
  const stride = Math.max(1, calls / kills)
  let killed = 0
  for (let at = 1; at <= calls; at += stride) {
    const call = Math.floor(at)
    const isLast = ends || at + stride > calls
    const report = await round(ring, step, { call, isLast })
    if (report.outcome.killed) killed++
    const where = report.outcome.killed ? `call ${call} (${report.outcome.call})` : `call ${call} (nobody died)`
    wrongs.push(...report.wrongs.map((line) => `${where}: ${line}`))
  }
  return { step: step.name, calls, kills: killed, wrongs }
}
