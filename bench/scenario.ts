// SPDX-License-Identifier: Apache-2.0
import type { Summary } from './summary.js'
import type { Workbench } from './workbench.js'

/** Another way to do the same, measured in alternation with ours. */
export interface Comparison {
  readonly name: string
  readonly summary: Summary
  /** The median of ours divided by theirs, pair by pair: 2 means that we take twice as long. */
  readonly ratio: number
}

/** What one scenario showed. */
export interface Outcome {
  readonly scenario: string
  readonly title: string
  readonly unit: 'ms' | 'kB'
  readonly ours: Summary
  readonly comparisons: readonly Comparison[]
  /** Names of further numbers, in `unit`. */
  readonly details?: Readonly<Record<string, number>> | undefined
}

/** One question that the bench answers. */
export interface Scenario {
  readonly name: string
  /** A program without which there is nothing to measure. */
  readonly needs?: string | undefined
  readonly run: (bench: Workbench) => Promise<Outcome>
}
