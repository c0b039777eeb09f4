// SPDX-License-Identifier: Apache-2.0
import { faults } from './fault-kinds.js'

/** What was walked of one operation with one fault; see {@link Walk}. */
export interface Count {
  readonly steps: number
  readonly ways: number
  readonly struckWays: number
  readonly points: number
  readonly failed: number
  readonly wrongs: number
}

/** By who walked, the operation, and the fault. */
export type Counts = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Count>>>>>>

/** A table for each who walked, in Markdown. The sums leave out walks in which something was wrong. */
export const tableOf = (counts: Counts): string =>
  Object.entries(counts)
    .map(([who, operations]) => {
      const good = Object.values(operations)
        .flatMap((row) => Object.values(row))
        .filter(({ wrongs }) => wrongs === 0)
      const sum = (of: (count: Count) => number) => good.reduce((total, count) => total + of(count), 0)
      const lines = Object.entries(operations).map(
        ([operation, row]) => `| ${operation} | ${faults.map(({ name }) => cellOf(row[name])).join(' | ')} |`,
      )
      const total = `As ${who}: ${sum((count) => count.points)} points walked; ${sum((count) => count.struckWays)} of ${sum((count) => count.ways)} ways, of ${sum((count) => count.steps)} steps.`
      const heading = `| operation | ${faults.map(({ name }) => name).join(' | ')} |`
      return [total, '', heading, `|---|${faults.map(() => '---:|').join('')}`, ...lines].join('\n')
    })
    .join('\n\n')
    .concat('\n')

const cellOf = (count: Count | undefined): string => {
  if (count === undefined) return ''
  if (count.wrongs > 0) return `${count.wrongs} wrong`
  return count.ways === 0 ? '–' : `${count.struckWays}/${count.ways}`
}
