// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises'
import type { Comparison } from './scenario.js'
import { median, type Summary, summarize } from './summary.js'

/** Somebody who does the work once and says how many milliseconds it took. */
export interface Contender {
  readonly name: string
  readonly run: () => Promise<number>
  /** Takes so long that a few rounds are enough. */
  readonly slow?: boolean | undefined
}

export interface AlternateOptions {
  readonly rounds: number
  /** How often each works before the next has its turn; the median counts. 1 when idle. */
  readonly repeat: number
  /** Milliseconds of rest before every turn. */
  readonly idleMs?: number | undefined
}

const slowRounds = 6
// What we make ready and clean up after a turn is not to be in the way of who is next.
const aftermathMs = 40

/**
 * Lets everybody work in turn, round after round, so that all see the same noise. Ratios are taken within a round: times
 * move by half from minute to minute, ratios do not.
 */
export async function alternate(
  ours: Contender,
  others: readonly Contender[],
  { rounds, repeat, idleMs = 0 }: AlternateOptions,
): Promise<{ readonly ours: Summary; readonly comparisons: readonly Comparison[] }> {
  const samples = new Map<Contender, number[]>([ours, ...others].map((contender) => [contender, []]))
  for (const contender of samples.keys()) await contender.run()
  for (let round = 0; round < rounds; round++) {
    const turns = [...samples.keys()].filter(({ slow }) => !slow || round < slowRounds)
    // Whoever follows a slow one finds a cold cache: not always the same.
    for (const contender of rotate(turns, round)) {
      if (idleMs > 0) await delay(idleMs)
      samples.get(contender)?.push(await turn(contender, contender.slow ? 1 : repeat))
      if (contender === ours) await delay(aftermathMs)
    }
  }
  const own = samples.get(ours) ?? []
  return {
    ours: summarize(own),
    comparisons: others.map((contender) => {
      const theirs = samples.get(contender) ?? []
      const ratios = theirs.map((value, round) => (own[round] ?? Number.NaN) / value)
      return { name: contender.name, summary: summarize(theirs), ratio: median(ratios) }
    }),
  }
}

async function turn({ run }: Contender, repeat: number): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < repeat; i++) times.push(await run())
  return median(times)
}

function rotate<T>(values: readonly T[], by: number): readonly T[] {
  const at = by % values.length
  return [...values.slice(at), ...values.slice(0, at)]
}
