// SPDX-License-Identifier: Apache-2.0
import { readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import type { BlobStore } from './blob-store.js'
import type { BuildRecords } from './build-records.js'
import type { ImageNames } from './image-names.js'
import { ingestPrefix } from './ingest.js'
import type { LayerRecords } from './layer-records.js'
import { reachableFrom } from './reachable.js'
import { corruptFile, fileStep, isMissing, storeFailure } from './store-failure.js'
import type { StorePaths } from './store-paths.js'

/** What to keep beside what has a name, and how to remove a layer. */
export interface CollectOptions {
  /** Manifests and other content in use: what containers run from. */
  readonly keep?: readonly Descriptor[] | undefined
  /** Unpacked layers in use. */
  readonly keepLayers?: readonly Digest[] | undefined
  /** Done first, when nobody adds content and no container is being made: which images go can be decided then. */
  readonly first?: (() => Promise<void>) | undefined
  /** The same, asked for when everybody who was adding content has done so: waiting for that may have taken long. */
  readonly inUse?: (() => Promise<Pick<CollectOptions, 'keep' | 'keepLayers'>>) | undefined
  /** Removes an unpacked layer: the supervisor's `layer.remove`. */
  readonly removeLayer: (diffId: Digest) => Promise<void>
  /** How long something without name is left alone, in milliseconds; an hour by default. */
  readonly graceMs?: number | undefined
}

/** What was removed. */
export interface Collected {
  readonly blobs: readonly Digest[]
  readonly layers: readonly Digest[]
  /** Bytes of both. */
  readonly freedBytes: number
}

interface Parts {
  readonly paths: StorePaths
  readonly blobs: BlobStore
  readonly images: ImageNames
  readonly layers: LayerRecords
  readonly builds: BuildRecords
}

/** Removes what nothing leads to; call it holding the garbage lock exclusively. */
export async function collectGarbage(parts: Parts, options: CollectOptions): Promise<Collected> {
  await refuseIfNamesWereLost(parts.paths)
  await options.first?.()
  const before = Date.now() - (options.graceMs ?? 3_600_000)
  const named = (await parts.images.list()).map(({ descriptor }) => descriptor)
  const used = await options.inUse?.()
  const reachable = await reachableFrom(parts.blobs, [...named, ...(options.keep ?? []), ...(used?.keep ?? [])])
  const built = (await parts.builds.list()).flatMap(({ layers }) => layers.map(({ diffId }) => diffId))
  const inUse = [...(options.keepLayers ?? []), ...(used?.keepLayers ?? [])]
  const keptLayers = new Set([...reachable.layers, ...built, ...inUse])
  const blobs = await sweepBlobs(parts, reachable.blobs, before)
  const layers = await sweepLayers(parts, { kept: keptLayers, before, remove: options.removeLayer })
  await sweepTemporaryFiles(parts.paths, before)
  return { blobs: blobs.removed, layers: layers.removed, freedBytes: blobs.bytes + layers.bytes }
}

interface Swept {
  readonly removed: readonly Digest[]
  readonly bytes: number
}

async function sweepBlobs({ blobs }: Parts, kept: ReadonlySet<Digest>, before: number): Promise<Swept> {
  const removed: Digest[] = []
  let bytes = 0
  for await (const { digest, sizeBytes, modifiedMs } of blobs.list()) {
    if (kept.has(digest) || modifiedMs > before || !(await blobs.remove(digest))) continue
    removed.push(digest)
    bytes += sizeBytes
  }
  return { removed, bytes }
}

async function sweepLayers(
  { layers }: Parts,
  options: {
    readonly kept: ReadonlySet<Digest>
    readonly before: number
    readonly remove: (diffId: Digest) => Promise<void>
  },
): Promise<Swept> {
  const removed: Digest[] = []
  let bytes = 0
  for (const { diffId, record, modifiedMs } of await layers.list()) {
    if (options.kept.has(diffId) || modifiedMs > options.before) continue
    await options.remove(diffId)
    removed.push(diffId)
    bytes += record?.sizeBytes ?? 0
  }
  return { removed, bytes }
}

async function sweepTemporaryFiles(paths: StorePaths, before: number): Promise<void> {
  for (const name of await fileStep('list', paths.tmp, () => readdir(paths.tmp))) {
    if (!name.startsWith(ingestPrefix)) continue
    const path = join(paths.tmp, name)
    try {
      if ((await stat(path)).mtimeMs <= before) await unlink(path)
    } catch (error) {
      if (!isMissing(error)) throw storeFailure(error, 'remove temporary file', path)
    }
  }
}

// A damaged index.json that was put aside may have named everything that is here.
async function refuseIfNamesWereLost(paths: StorePaths): Promise<void> {
  const names = await fileStep('list', paths.root, () => readdir(paths.root))
  const aside = names.find((name) => name.startsWith('index.json.damaged-'))
  if (aside === undefined) return
  throw corruptFile(join(paths.root, aside), 'the names in it are not known, so nothing is removed', {
    hint: `repair it and move it back to ${paths.index}, or remove it`,
  })
}
