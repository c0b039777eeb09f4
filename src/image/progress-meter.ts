// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '../oci/digest.js'
import type { Report } from './progress-operation.js'

/** One layer on its way. */
export interface LayerProgress<Phase extends string = string> {
  /** About one layer. */
  readonly type: 'layer'
  /** Of the blob. */
  readonly digest: Digest
  /** What happens to it. */
  readonly phase: Phase
  /** What of it has gone through that phase so far. */
  readonly bytes: number
  /** The size of the blob. */
  readonly totalBytes: number
}

/** Everything that is to be moved, taken together. */
export interface TotalProgress {
  /** About all layers. */
  readonly type: 'total'
  /** Where they are going to, so far. */
  readonly bytes: number
  /** Of all layers. */
  readonly totalBytes: number
}

type Part = { readonly digest: Digest; readonly size: number }

// A person sees no more than twenty pictures a second in a terminal, and each event costs the loop something.
const intervalMs = 50

/** Adds up what is known of the layers, and tells of it: each phase of a layer at once, bytes not more often than twenty times a second. */
export class ProgressMeter<Phase extends string> {
  readonly #report: Report<LayerProgress<Phase> | TotalProgress>
  readonly #moved = new Map<Digest, number>()
  readonly #told = new Map<Digest, { readonly phase: Phase; readonly time: number }>()
  readonly #totalBytes: number
  #bytes = 0
  #totalTime = 0

  constructor(report: Report<LayerProgress<Phase> | TotalProgress>, parts: readonly Part[]) {
    this.#report = report
    this.#totalBytes = parts.reduce((sum, { size }) => sum + size, 0)
    for (const { digest } of parts) this.#moved.set(digest, 0)
  }

  /** How far a layer is in its phase. */
  layer({ digest, size }: Part, phase: Phase, bytes: number): void {
    const now = performance.now()
    const told = this.#told.get(digest)
    if (told?.phase === phase && now - told.time < intervalMs && bytes < size) return
    this.#told.set(digest, { phase, time: now })
    this.#report(`${digest} ${phase}`, { type: 'layer', digest, phase, bytes, totalBytes: size })
  }

  /** How many bytes of it are here, or there. */
  moved({ digest, size }: Part, bytes: number): void {
    const before = this.#moved.get(digest) ?? 0
    // What is fetched again after a failure was counted already.
    const after = Math.max(before, Math.min(bytes, size))
    this.#moved.set(digest, after)
    this.#bytes += after - before
    if (after !== before) this.#tellTotal(this.#bytes === this.#totalBytes)
  }

  /** Tells of the total, whatever the time. */
  total(): void {
    this.#tellTotal(true)
  }

  #tellTotal(now: boolean): void {
    const time = performance.now()
    if (!now && time - this.#totalTime < intervalMs) return
    this.#totalTime = time
    this.#report('total', { type: 'total', bytes: this.#bytes, totalBytes: this.#totalBytes })
  }
}
