// SPDX-License-Identifier: Apache-2.0

/** Between how many containers, and by what. */
export interface AutoscaleBounds {
  readonly min: number
  readonly max: number
  /** Percent that each is to use. */
  readonly cpu: number
  readonly cooldownMs: number
}

/** So far from what is wanted nothing is changed. */
const tolerance = 0.1

/**
 * Decides how many containers there are to be. More at once, when the load says so; fewer when for the whole of `cooldownMs` that would have been enough, so that
 * a short lull takes none away. Knows no clock.
 */
export class AutoscalePolicy {
  readonly #bounds: AutoscaleBounds
  #wishes: { readonly atMs: number; readonly count: number }[] = []

  constructor(bounds: AutoscaleBounds) {
    this.#bounds = bounds
  }

  /** How many, of which there are `count` that use so much on average; null: nobody knows yet. */
  decide(atMs: number, count: number, percent: number | null): number {
    const { min, max, cooldownMs } = this.#bounds
    if (count < min || count > max) return this.#begin(Math.min(Math.max(count, min), max))
    if (percent === null) return count
    const wish = Math.min(Math.max(this.#wish(count, percent), min), max)
    this.#wishes.push({ atMs, count: wish })
    if (wish > count) return this.#begin(wish)
    const since = atMs - cooldownMs
    if (!this.#wishes.some((one) => one.atMs <= since)) return count
    this.#wishes = this.#wishes.filter((one) => one.atMs >= since)
    const enough = Math.max(...this.#wishes.map((one) => one.count))
    return enough < count ? this.#begin(enough) : count
  }

  #wish(count: number, percent: number): number {
    const ratio = percent / this.#bounds.cpu
    return Math.abs(ratio - 1) <= tolerance ? count : Math.ceil(count * ratio)
  }

  // What was wished for before was about others.
  #begin(count: number): number {
    this.#wishes = []
    return count
  }
}
