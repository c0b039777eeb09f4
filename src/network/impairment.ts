// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { check, checkGivenOptions, type Shape } from '../util/validate.js'

/** A bad line: what becomes of the packets that a container sends. What is not given does not happen. */
export interface Impairment {
  /** Milliseconds by which each is late. */
  readonly delayMs?: number | undefined
  /** Milliseconds by which that varies, either way; it needs `delayMs`. */
  readonly jitterMs?: number | undefined
  /** How many of a hundred are lost. */
  readonly lossPercent?: number | undefined
  /** How many of a hundred come twice. */
  readonly duplicatePercent?: number | undefined
  /** How many of a hundred have a wrong bit. */
  readonly corruptPercent?: number | undefined
  /** How many of a hundred are sent at once and so overtake others; it needs `delayMs`. */
  readonly reorderPercent?: number | undefined
}

const milliseconds = check.number({ min: 0, max: 600_000 })
const percent = check.number({ min: 0, max: 100 })
const shape: Shape<Impairment> = {
  delayMs: milliseconds,
  jitterMs: milliseconds,
  lossPercent: percent,
  duplicatePercent: percent,
  corruptPercent: percent,
  reorderPercent: percent,
}

/** Refuses what is no impairment. */
export function checkImpairment(impairment: unknown): asserts impairment is Impairment {
  checkGivenOptions<Impairment>(impairment, shape, 'impairment')
  const { delayMs = 0, ...others } = impairment
  for (const option of ['jitterMs', 'reorderPercent'] as const)
    if (others[option] && delayMs === 0) throw invalidArgument(option, 'nothing is late without delayMs')
}
