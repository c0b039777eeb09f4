// SPDX-License-Identifier: Apache-2.0
import type { ImageRecord } from '../image/image-record.js'
import { beginOperation } from '../image/progress-operation.js'
import { type PushedImage, type PushStep, pushImage } from '../image/push-image.js'
import type { PushOptions } from '../image/push-options.js'
import type { Engine } from './engine.js'

/** What a {@link Push} tells. */
export type PushProgress =
  | PushStep
  | (PushedImage & {
      /** The last event. */
      readonly type: 'done'
    })

/**
 * A push that is under way: a promise of where the image is, and a loop over its progress in one. Looping marks the promise as handled;
 * leaving the loop does not cancel, the signal does.
 */
export interface Push extends Promise<PushedImage>, AsyncIterable<PushProgress> {}

/** Begins a push. */
export function beginPush(
  engine: Engine,
  image: { readonly image: ImageRecord; readonly reference: string | undefined },
  options: PushOptions,
): Push {
  return beginOperation<PushedImage, PushProgress>(async (report) => {
    const pushed = await pushImage(await engine.core.images(), image, options, report)
    engine.core.bus.publish({ type: 'image', action: 'push', object: image.image.id })
    report('done', { type: 'done', ...pushed })
    return pushed
  })
}
