// SPDX-License-Identifier: Apache-2.0

/** What is left of many samples. */
export interface Summary {
  readonly median: number
  readonly p10: number
  readonly p90: number
  readonly samples: number
}

/** The value below which `part` (0 to 1) of the samples lie. */
export function quantile(samples: readonly number[], part: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5)
}

export function summarize(samples: readonly number[]): Summary {
  return {
    median: median(samples),
    p10: quantile(samples, 0.1),
    p90: quantile(samples, 0.9),
    samples: samples.length,
  }
}
