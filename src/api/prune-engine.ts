// SPDX-License-Identifier: Apache-2.0
import { pruneContainers } from '../container/prune-containers.js'
import { pruneContent, pruneImages } from '../image/prune-images.js'
import { check, checkOptions, type Shape } from '../util/validate.js'
import type { EnginePruneOptions, Pruned } from './engine.js'
import type { EngineCore } from './engine-core.js'

const shape: Shape<EnginePruneOptions> = {
  containers: check.boolean,
  images: check.oneOf('none', 'dangling', 'all'),
  labels: check.recordOf(check.string),
  until: check.date,
  signal: check.signal,
}

/** Containers first, since they hold images. `labels` and `until` hold for both. */
export async function pruneEngine(core: EngineCore, options: EnginePruneOptions): Promise<Pruned> {
  checkOptions<EnginePruneOptions>(options, shape)
  const { containers = true, images = 'dangling', ...chosen } = options
  const removed = containers ? await pruneContainers(core, chosen) : []
  const context = await core.images()
  const content =
    images === 'none'
      ? { images: [], ...(await pruneContent(context, { signal: chosen.signal })) }
      : await pruneImages(context, { ...chosen, all: images === 'all' })
  const { blobs, layers, freedBytes } = content
  return { containers: removed, images: content.images, content: [...blobs, ...layers], freedBytes }
}
