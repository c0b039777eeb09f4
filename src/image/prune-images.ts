// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { sweepStagingAlone } from '../layer/layer-staging.js'
import type { Digest } from '../oci/digest.js'
import type { Collected } from '../store/collect-garbage.js'
import { check, checkOptions, type Shape } from '../util/validate.js'
import { removeBuildCaches } from './build-caches.js'
import type { ImageContext } from './image-context.js'
import { prunePartials } from './pull-abandoned.js'
import { collectImages } from './remove-image.js'
import { type StoredImage, storedImages } from './stored-images.js'

/** Which images to remove; all that is given has to hold. Those that a container uses stay in any case. */
export interface PruneImagesOptions {
  /** True, the default: only images without a name. False is `all`. The image of the host, which has none, counts as named. */
  readonly dangling?: boolean | undefined
  /** Also images that have a name. */
  readonly all?: boolean | undefined
  /** Only those that were made before; one that does not say when, too. */
  readonly until?: Date | undefined
  /** Only those whose config has these labels, with these values. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** Also what builds have kept for the next ones, caches of their commands too, and what only they need; false by default. */
  readonly builds?: boolean | undefined
  /** Aborted: what is removed stays removed, and the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined
}

/** What was removed. */
export interface PrunedImages extends Collected {
  /** Ids. */
  readonly images: readonly Digest[]
}

const shape: Shape<PruneImagesOptions> = {
  dangling: check.boolean,
  all: check.boolean,
  until: check.date,
  labels: check.recordOf(check.string),
  builds: check.boolean,
  signal: check.signal,
}

/** Removes the images that no container uses, and all content that nothing needs any more, whatever its age. */
export async function pruneImages(context: ImageContext, options: PruneImagesOptions = {}): Promise<PrunedImages> {
  checkOptions(options, shape)
  const { signal, builds } = options
  if (options.all !== undefined && options.all === options.dangling)
    throw invalidArgument('dangling', 'it is the opposite of all')
  const images: Digest[] = []
  // While no container is being made: one that comes to be later finds the image gone, or keeps it.
  const first = async () => {
    const used = new Set((await context.uses()).map(({ image }) => image))
    for (const image of await storedImages(context)) {
      signal?.throwIfAborted()
      if (used.has(image.record.digest) || !isMeant(image, options)) continue
      await context.store.images.removeImage(image.entry.digest, signal)
      images.push(image.record.id)
    }
  }
  return { images, ...(await pruneContent(context, { first, builds, signal })) }
}

/** Removes what neither an image nor a container needs; waits for those who are adding content. */
export async function pruneContent(
  context: ImageContext,
  options: {
    readonly first?: () => Promise<void>
    readonly builds?: boolean | undefined
    readonly signal?: AbortSignal | undefined
  } = {},
): Promise<Collected> {
  const partBytes = await prunePartials(context, options.signal)
  const { builds, signal } = options
  let cacheBytes = 0
  // While nobody builds. Where many processes share a store, an engine is hardly ever opened with nobody writing a layer.
  const first = async () => {
    await sweepStagingAlone(context)
    if (builds) cacheBytes = await removeBuildCaches(context)
    await options.first?.()
  }
  const collected = await collectImages(context, { first, buildBytes: builds ? 0 : undefined, signal, graceMs: 0 })
  return { ...collected, freedBytes: collected.freedBytes + partBytes + cacheBytes }
}

function isMeant({ record, names }: StoredImage, options: PruneImagesOptions): boolean {
  const { dangling = true, all = !dangling, until, labels = {} } = options
  if (!all && (names.length > 0 || record.host)) return false
  if (until && record.createdAt !== null && record.createdAt >= until) return false
  return Object.entries(labels).every(([key, value]) => record.config.labels?.[key] === value)
}
