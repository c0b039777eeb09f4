// SPDX-License-Identifier: Apache-2.0
import type { Outcome } from './scenario.js'
import type { Summary } from './summary.js'

const number = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(2))

const spread = ({ median, p10, p90 }: Summary): string =>
  `${number(median).padStart(8)}  (${number(p10)} – ${number(p90)})`

/** An outcome for people. */
export function outcomeText({ title, unit, ours, comparisons, details = {} }: Outcome): string {
  const width = Math.max(24, ...comparisons.map(({ name }) => name.length))
  const rows = comparisons.map(
    ({ name, summary, ratio }) => `  ${name.padEnd(width)} ${spread(summary)}   ours is ${number(ratio)} × that`,
  )
  const extra = Object.entries(details).map(([name, value]) => `  ${name.padEnd(width)} ${number(value).padStart(8)}`)
  return [`${title}, ${unit}`, `  ${'ours'.padEnd(width)} ${spread(ours)}`, ...rows, ...extra].join('\n')
}
