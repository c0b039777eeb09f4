// SPDX-License-Identifier: Apache-2.0

/** What a step says of times: the same times make the same layer again. */
export interface StepTimes {
  /** Seconds since 1970, of directories that the step makes; now by default. */
  readonly madeAt?: number | undefined
  /** Seconds since 1970: nothing is newer (SOURCE_DATE_EPOCH). */
  readonly latest?: number | undefined
}

/** As messages have them. */
export function timeArguments({ madeAt, latest }: StepTimes = {}): { madeAt: number; maxMtime?: number } {
  const now = Math.floor(madeAt ?? Date.now() / 1000)
  return latest === undefined ? { madeAt: now } : { madeAt: Math.min(now, latest), maxMtime: latest }
}
