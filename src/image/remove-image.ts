// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { quoted } from '../errors/printable.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { mediaTypes } from '../oci/media-types.js'
import type { Collected, CollectOptions } from '../store/collect-garbage.js'
import { evictBuilds } from '../store/evict-builds.js'
import { evictRepositories } from '../store/evict-repositories.js'
import { layerName } from '../store/store-paths.js'
import { debugLog } from '../util/debug-log.js'
import { check, type Shape } from '../util/validate.js'
import { getStored, getStoredAgain } from './find-image.js'
import type { ImageContext, ImageUse } from './image-context.js'
import { fullTag } from './image-options.js'
import type { ImageRecord } from './image-record.js'
import type { StoredImage } from './stored-images.js'

export interface RemoveImageOptions {
  /** Also when containers use it: its names go at once, what they need stays until they are removed. */
  readonly force?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

export const removeImageShape: Shape<RemoveImageOptions> = { force: check.boolean, signal: check.signal }

/** What a removal did. */
export interface RemovedImage extends Collected {
  /** Names that are gone, in full. */
  readonly untagged: readonly string[]
}

const nothing: Collected = { blobs: [], layers: [], freedBytes: 0 }

// As long as somebody pulls, loads or unpacks nothing is collected. What is left here goes with the next removal.
const patienceMs = 1000

/**
 * Removes an image with all its names; given one of several names, only that name. ERR_IMAGE_IN_USE names the containers that
 * use it. Blobs and layers go that neither another image nor a container needs.
 */
export async function removeImage(
  context: ImageContext,
  image: string | ImageRecord,
  options: RemoveImageOptions = {},
): Promise<RemovedImage> {
  const stored = typeof image === 'string' ? await getStored(context, image) : await getStoredAgain(context, image)
  const name = typeof image === 'string' ? nameAmong(stored, image) : undefined
  if (name !== undefined && stored.names.length > 1) {
    await context.store.images.remove(name, options.signal)
    return { untagged: [name], ...nothing }
  }
  const uses = await context.uses()
  const users = uses.filter((use) => use.image === stored.record.digest)
  if (users.length > 0 && options.force !== true) throw inUse(stored, users)
  const untagged = await context.store.images.removeImage(stored.entry.digest, options.signal)
  return { untagged, ...((await collectNow(context, options.signal)) ?? nothing) }
}

/** What to let go beside what nothing needs. */
interface Collecting extends Pick<CollectOptions, 'first' | 'graceMs'> {
  /** How many bytes of layers the records of builds may hold on to. */
  readonly buildBytes?: number | undefined
  readonly signal?: AbortSignal | undefined
}

// More than most have built in a month; what was used longest ago goes first.
const keptBuildBytes = 20 * 1024 ** 3

/** Removes every blob and layer that neither an image nor a container needs; `graceMs`: how long young ones are left alone. */
export async function collectImages(context: ImageContext, options: Collecting = {}): Promise<Collected> {
  const { buildBytes = keptBuildBytes } = options
  return await context.store.collect({
    inUse: async () => {
      const uses = await context.uses()
      return { keep: uses.map(descriptorOf), keepLayers: uses.flatMap(({ layers }) => layers) }
    },
    removeLayer: (diffId) => removeLayer(context, diffId),
    first: async () => {
      await evictBuilds(context.store.builds, { keepBytes: buildBytes })
      await evictRepositories(context.store.paths, { all: buildBytes === 0 })
      await options.first?.()
    },
    graceMs: options.graceMs,
    signal: options.signal,
  })
}

/** {@link collectImages} without grace and without failing; undefined where it could not be, since others are adding content. */
export async function collectNow(context: ImageContext, signal?: AbortSignal): Promise<Collected | undefined> {
  const patience = AbortSignal.timeout(patienceMs)
  try {
    return await collectImages(context, { graceMs: 0, signal: signal ? AbortSignal.any([signal, patience]) : patience })
  } catch (error) {
    debugLog('nothing was collected: %o', error)
    return undefined
  }
}

// Containers remember the manifest by digest; its size and exact type lead nowhere.
function descriptorOf({ image }: ImageUse): Descriptor {
  return { mediaType: mediaTypes.manifest, digest: image, size: 0 }
}

async function removeLayer(context: ImageContext, diffId: Digest): Promise<void> {
  const connection = await context.connection()
  await connection.request(
    'layer.remove',
    { layer: layerName(diffId) },
    { failure: { doing: `remove layer ${diffId}` } },
  )
}

// By id, the image is meant; by name, the name.
function nameAmong({ names }: StoredImage, text: string): string | undefined {
  try {
    const name = fullTag(text)
    return names.find((candidate) => candidate === name)
  } catch {
    return undefined
  }
}

function inUse({ record }: StoredImage, users: readonly ImageUse[]): EngineError {
  const names = users.slice(0, 10).map(({ container }) => quoted(container))
  const others = users.length > names.length ? ` and ${users.length - names.length} others` : ''
  const by = `${users.length > 1 ? 'containers' : 'container'} ${names.join(', ')}${others}`
  return new EngineError({
    code: 'ERR_IMAGE_IN_USE',
    message: `the image ${quoted(record.tags[0] ?? record.id)} is used by ${by}`,
    object: record.id,
    hint: 'remove the container first, or remove the image with force: true',
  })
}
