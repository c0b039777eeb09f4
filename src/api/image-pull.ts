// SPDX-License-Identifier: Apache-2.0
import { beginOperation } from '../image/progress-operation.js'
import { type PulledImage, type PullStep, pullImage } from '../image/pull-image.js'
import type { PullOptions } from '../image/pull-options.js'
import type { Engine } from './engine.js'
import type { Image } from './image.js'
import { splitEngine, type WithEngine } from './with-engine.js'

/** What a {@link Pull} tells. Bytes are those of the compressed layers. */
export type PullProgress =
  | PullStep
  | {
      /** The last event. */
      readonly type: 'done'
      /** What the promise resolves to. */
      readonly image: Image
      /** It was in the store already. */
      readonly cached: boolean
    }

/**
 * A pull that is under way: a promise of the image and a loop over its progress in one. Looping marks the promise as handled; leaving
 * the loop does not cancel, the signal does. Returned from an async function it becomes the image, as promises do.
 */
export interface Pull extends Promise<Image>, AsyncIterable<PullProgress> {}

/** Begins a pull. `imageOf` makes the image of what was pulled. */
export function beginPull(
  reference: string,
  options: WithEngine<PullOptions>,
  imageOf: (engine: Engine, pulled: PulledImage) => Image,
): Pull {
  return beginOperation<Image, PullProgress>(async (report) => {
    const { engine, rest } = splitEngine(options)
    const pulled = await pullImage(await engine.core.images(), reference, rest, report)
    if (!pulled.cached) engine.core.bus.publish({ type: 'image', action: 'pull', object: pulled.record.id })
    const image = imageOf(engine, pulled)
    report('done', { type: 'done', image, cached: pulled.cached })
    return image
  })
}
