// SPDX-License-Identifier: Apache-2.0
import { pruneContainers } from '../container/prune-containers.js'
import { pruneContent, pruneImages } from '../image/prune-images.js'
import { check, checkOptions, type Shape } from '../util/validate.js'
import { pruneVolumes } from '../volume/remove-volume.js'
import type { EnginePruneOptions, Pruned } from './engine.js'
import type { EngineCore } from './engine-core.js'

const shape: Shape<EnginePruneOptions> = {
  containers: check.boolean,
  images: check.oneOf('none', 'dangling', 'all'),
  volumes: check.oneOf('none', 'anonymous', 'all'),
  builds: check.boolean,
  labels: check.recordOf(check.string),
  until: check.date,
  signal: check.signal,
}

/** Containers first, since they hold images and volumes. `labels` and `until` hold for all three. */
export async function pruneEngine(core: EngineCore, options: EnginePruneOptions): Promise<Pruned> {
  checkOptions<EnginePruneOptions>(options, shape)
  const { containers = true, images = 'dangling', volumes = 'none', builds = true, ...chosen } = options
  const removed = containers ? await pruneContainers(core, chosen) : []
  const emptied = volumes === 'none' ? [] : await pruneVolumes(core.volumes, { ...chosen, all: volumes === 'all' })
  const context = await core.images()
  const content =
    images === 'none'
      ? { images: [], ...(await pruneContent(context, { builds, signal: chosen.signal })) }
      : await pruneImages(context, { ...chosen, builds, all: images === 'all' })
  const { blobs, layers, freedBytes } = content
  return { containers: removed, images: content.images, volumes: emptied, content: [...blobs, ...layers], freedBytes }
}
