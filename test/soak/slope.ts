// SPDX-License-Identifier: Apache-2.0
import type { Measure, Sample } from './sample.js'

/** How one measure went. */
export interface Slope {
  readonly measure: Measure
  readonly unit: string
  /** Medians of the first and the last fifth of what counts. */
  readonly from: number
  readonly to: number
  /** Of the line through the samples, for each thousand that was done. */
  readonly perThousand: number
  /** What that may be at most. */
  readonly bound: number
  readonly flat: boolean
}

interface Bound {
  readonly unit: string
  /** For each thousand. A leak of one a life is a thousand, of one in a thousand lives one. */
  readonly perThousand: number
}

const bounds: Readonly<Record<Measure, Bound>> = {
  heap: { unit: 'KiB', perThousand: 200 },
  // The allocator of C and V8's spaces move by megabytes as they please.
  node: { unit: 'KiB', perThousand: 2000 },
  engine: { unit: 'KiB', perThousand: 100 },
  descriptors: { unit: '', perThousand: 0.5 },
  threads: { unit: '', perThousand: 0.5 },
  processes: { unit: '', perThousand: 0.5 },
  cgroups: { unit: '', perThousand: 0.5 },
  mounts: { unit: '', perThousand: 0.5 },
  links: { unit: '', perThousand: 0.5 },
  files: { unit: '', perThousand: 0.5 },
  disk: { unit: 'KiB', perThousand: 100 },
}

/** Every measure, in the order in which it is told. */
export const measures = Object.keys(bounds) as readonly Measure[]

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

// Theil and Sen's: the median of the slopes between every two. A look at a moment that was no rest moves it little, where it moves the line by
// least squares a lot.
const slope = (points: readonly (readonly [x: number, y: number])[]): number =>
  median(points.flatMap(([x, y], index) => points.slice(index + 1).map(([at, value]) => (value - y) / (at - x))))

/** The first fifth of the samples is not counted: until then caches fill and code is compiled. A run of before a measure was taken lacks it. */
export const slopesOf = (samples: readonly Sample[]): readonly Slope[] => {
  const warm = samples.slice(Math.floor(samples.length / 5))
  const fifth = Math.max(1, Math.floor(warm.length / 5))
  return measures
    .filter((measure) => samples.every((one) => one[measure] !== undefined))
    .map((measure) => {
      const { unit, perThousand: bound } = bounds[measure]
      const perThousand = slope(warm.map((one) => [one.done / 1000, one[measure]]))
      const values = warm.map((one) => one[measure])
      const [from, to] = [median(values.slice(0, fifth)), median(values.slice(-fifth))]
      return { measure, unit, from, to, perThousand, bound, flat: perThousand <= bound }
    })
}
