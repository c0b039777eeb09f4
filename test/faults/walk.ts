// SPDX-License-Identifier: Apache-2.0
import type { Choice } from './choice.js'
import type { Fault } from './fault-kinds.js'
import type { Operation } from './operations.js'
import { doAgain, fileOf, type Ground, type Walked, walkPoint } from './point.js'
import type { Point } from './strike.js'
import type { StruckWays } from './struck-ways.js'

/** What a walk came to. */
export interface Walk {
  /** The calls of the operation at which the fault can strike. */
  readonly steps: number
  /** The different ways in which the program comes to them. */
  readonly ways: number
  /** In how many of these it struck, here or in an operation before. */
  readonly struckWays: number
  /** Steps at which it struck here. */
  readonly points: number
  /** Those after which the operation failed, with an error of ours. */
  readonly failed: number
  readonly wrongs: readonly string[]
}

// The operation is done once more after so many points; where that goes wrong, after each of them.
const together = 8

interface Company {
  /** A step that is chosen for its way is left out if it is one of these. */
  readonly struckWays?: StruckWays | undefined
  /** Is told at once what went wrong. */
  readonly hear?: (wrong: string) => void
  /** Is told every now and then what it came to so far. */
  readonly soFar?: (walk: Walk) => void
}

/** Counts the steps of an operation, then has the fault strike at each that is chosen, in turn. */
export const walk = async (
  ground: Ground,
  operation: Operation,
  fault: Fault,
  choice: Choice,
  { struckWays, hear = () => {}, soFar = () => {} }: Company = {},
): Promise<Walk> => {
  const counting = { ...fault, order: { ...fault.order, action: 'count' } } as const
  const counted = await walkPoint(ground, operation, { ...counting, victim: undefined }, { wanted: 0 })
  const steps = counted.came.counted
  const ways = fileOf(ground, fault).waysOf(steps)
  const wrongs: string[] = []
  const blame = (where: string, lines: readonly string[]) => {
    for (const line of lines) hear(`${where}: ${line}`)
    wrongs.push(...lines.map((line) => `${where}: ${line}`))
  }
  blame('undisturbed', [...counted.wrongs, ...(await doAgain(ground, operation))])
  const walked: Walked[] = []
  const summary = (): Walk => {
    const struck = walked.filter(({ came }) => came.hit)
    const different = new Set(ways)
    const here = new Set(struck.map(({ came }) => came.way))
    return {
      steps,
      ways: different.size,
      struckWays: [...different].filter((way) => here.has(way) || struckWays?.has(fault.name, way)).length,
      points: struck.length,
      failed: walked.filter(({ code }) => code !== undefined).length,
      wrongs,
    }
  }
  const points = choice(ways).filter(({ way }) => way === undefined || !struckWays?.has(fault.name, way))
  for (let first = 0; first < points.length; first += together) {
    const some = points.slice(first, first + together)
    for (const point of some) {
      const one = await walkPoint(ground, operation, fault, point)
      walked.push(one)
      blame(nameOf(point, one), one.wrongs)
    }
    const later = await doAgain(ground, operation)
    if (later.length === 0) {
      // What was wrong is walked again next time.
      const good = walked.slice(-some.length).filter(({ came, wrongs }) => came.hit && wrongs.length === 0)
      for (const { came } of good) struckWays?.add(fault.name, came.way)
    }
    soFar(summary())
    if (later.length === 0) continue
    blame(`after step ${walked.at(-some.length)?.came.number} and those that follow`, later)
    for (const point of some) {
      const one = await walkPoint(ground, operation, fault, point)
      blame(nameOf(point, one), [...one.wrongs, ...(await doAgain(ground, operation))])
    }
  }
  return summary()
}

const nameOf = ({ way }: Point, { came: { number, call, site, process } }: Walked): string =>
  `step ${number}${way === undefined ? '' : `, way ${way}`} (${call} at ${site.toString(16)} by ${process})`
