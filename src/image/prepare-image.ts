// SPDX-License-Identifier: Apache-2.0
import { ensureLayers } from '../layer/ensure-layer.js'
import { ensureFixUp } from '../layer/fix-up.js'
import { type RootFacts, rootFacts } from '../layer/layer-facts.js'
import { fixUpId } from '../oci/chain-id.js'
import { type Digest, digestOf } from '../oci/digest.js'
import type { ImageConfig } from '../oci/image-config.js'
import type { Platform } from '../oci/platform.js'
import { layerName } from '../store/store-paths.js'
import { getStoredAgain } from './find-image.js'
import type { ImageContent } from './image-content.js'
import type { ImageContext } from './image-context.js'
import type { ImageRecord } from './image-record.js'
import type { StoredImage } from './stored-images.js'

/** An image from which a container can be made at once. */
export interface PreparedImage {
  /** The digest of the config. */
  readonly id: Digest
  /** The digest of the manifest: what {@link ImageContext.uses} is to give for the container. */
  readonly digest: Digest
  /** Hex digits of the diffIDs of the layers to stack, lowest first; the last may be one that corrects those below. */
  readonly layers: readonly string[]
  /** The one of the image's layers whose root directory is the image's; undefined where none has an entry for it. */
  readonly rootLayer: string | undefined
  /** Whether the machine's own /usr is to be bound over the image's. */
  readonly hostUsr: boolean
  readonly config: ImageConfig
  readonly platform: Platform
}

/** Layers that are all unpacked, to run something on: what a build has made so far. */
export interface LayerChain {
  /** Lowest first. */
  readonly diffIds: readonly Digest[]
  readonly config: ImageConfig
  readonly platform: Platform
}

/** Makes such a chain ready to be run from. Whoever does so holds a lease. Its digests are those of no image. */
export async function prepareChain(
  context: ImageContext,
  { diffIds, config, platform }: LayerChain,
  signal?: AbortSignal,
): Promise<PreparedImage> {
  const id = digestOf(`chain\n${diffIds.join('\n')}`)
  return { id, digest: id, ...(await stack(context, diffIds, signal)), hostUsr: false, config, platform }
}

// An entry of index.json protects its layers; once the file is written anew, its entries are other objects, and so is what they lead to.
const prepared = new WeakMap<ImageContent, PreparedImage>()
// The same for records that come again and again, as those of handles do: what they led to, and by which list of names.
const preparedRecords = new WeakMap<ImageRecord, { readonly named: object; readonly image: PreparedImage }>()

/**
 * Makes sure that all layers of the image are unpacked. Costs one stat of index.json once they are, and no lease: whoever makes a
 * container of it holds one from before this until that is on record.
 */
export async function prepareImage(
  context: ImageContext,
  image: ImageRecord | PreparedImage,
  signal?: AbortSignal,
): Promise<PreparedImage> {
  if (isPrepared(image)) return image
  const named = await context.store.images.list()
  const before = preparedRecords.get(image)
  if (before?.named === named && context.platform === undefined) return before.image
  const found = await prepareRecord(context, image, signal)
  if (context.platform === undefined) preparedRecords.set(image, { named, image: found })
  return found
}

async function prepareRecord(
  context: ImageContext,
  image: ImageRecord,
  signal: AbortSignal | undefined,
): Promise<PreparedImage> {
  const stored = await getStoredAgain(context, image)
  const known = prepared.get(stored.content)
  if (known) return known
  const lease = await context.store.lease(signal)
  try {
    await ensureLayers(context, stored.content.layers, signal)
    const ready = await describe(context, stored, signal)
    prepared.set(stored.content, ready)
    return ready
  } finally {
    await lease.release()
  }
}

function isPrepared(image: ImageRecord | PreparedImage): image is PreparedImage {
  return 'hostUsr' in image
}

async function describe(
  context: ImageContext,
  { record }: StoredImage,
  signal: AbortSignal | undefined,
): Promise<PreparedImage> {
  const { id, digest, config, platform, host } = record
  const diffIds = record.layers.map(({ diffId }) => diffId)
  return { id, digest, ...(await stack(context, diffIds, signal)), hostUsr: host, config, platform }
}

async function stack(
  context: ImageContext,
  diffIds: readonly Digest[],
  signal: AbortSignal | undefined,
): Promise<Pick<PreparedImage, 'layers' | 'rootLayer'>> {
  const facts = await Promise.all(diffIds.map((diffId) => rootFacts(context.store, diffId)))
  const visible = withoutRepeats(diffIds.slice(Math.max(lastIndex(facts, 'hidesBelow'), 0)))
  // What hides everything below the root hides nothing of the root itself.
  const rootLayer = diffIds[lastIndex(facts, 'isExplicit')]
  const fixUp = await ensureFixUp(context, { name: fixUpId(diffIds), layers: visible }, signal)
  const layers = fixUp === null ? visible : [...visible, fixUp]
  return { layers: layers.map(layerName), rootLayer: rootLayer && layerName(rootLayer) }
}

// Overlayfs takes no layer twice. The upper one has all that the lower one has, and hides it.
function withoutRepeats(diffIds: readonly Digest[]): readonly Digest[] {
  return diffIds.filter((diffId, index) => diffIds.lastIndexOf(diffId) === index)
}

function lastIndex(facts: readonly RootFacts[], fact: keyof RootFacts): number {
  return facts.map((layer) => layer[fact]).lastIndexOf(true)
}
