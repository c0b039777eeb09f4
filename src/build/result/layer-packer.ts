// SPDX-License-Identifier: Apache-2.0
import type { LayerContext } from '../../layer/layer-context.js'
import type { Digest } from '../../oci/digest.js'
import { onAbort } from '../../util/abort.js'
import type { Work, WorkEvent } from '../solver/work.js'
import { blobOf } from './layer-blobs.js'

/**
 * Packs the layers that an image is going to have while later steps are done, one layer after the other: commands wait for containers and
 * disks more than for processors. What does not work out is told when the image is written, which needs them.
 */
export class LayerPacker {
  readonly #context: LayerContext
  readonly #ended = new AbortController()
  readonly #stopListening: () => void
  readonly #works: ReadonlySet<Work>
  #last: Promise<void> = Promise.resolve()

  /** `targets`: whose roots are those of images. */
  constructor(context: LayerContext, targets: readonly Work[], signal: AbortSignal) {
    this.#context = context
    this.#works = chainsOf(targets)
    this.#stopListening = onAbort(signal, (reason) => this.#ended.abort(reason))
  }

  /** Takes an event of the solver's. */
  take(event: WorkEvent): void {
    if (event.type !== 'done' || !this.#works.has(event.work)) return
    for (const { diffId, isEmpty } of event.layers) {
      if (!isEmpty) this.#last = this.#last.then(() => this.#pack(diffId))
    }
  }

  /** Resolves when nothing is packed any more. */
  async close(): Promise<void> {
    this.#ended.abort()
    this.#stopListening()
    await this.#last
  }

  async #pack(diffId: Digest): Promise<void> {
    const { signal } = this.#ended
    if (!signal.aborted) await blobOf(this.#context, { diffId }, signal).catch(() => {})
  }
}

function chainsOf(targets: readonly Work[]): ReadonlySet<Work> {
  const chains = new Set<Work>()
  for (const target of targets) {
    for (let work: Work | null = target; work; work = work.base) if (work.kind !== 'origin') chains.add(work)
  }
  return chains
}
