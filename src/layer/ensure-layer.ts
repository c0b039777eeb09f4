// SPDX-License-Identifier: Apache-2.0
import { stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { EngineError } from '../errors/engine-error.js'
import type { Descriptor } from '../oci/descriptor.js'
import { type Digest, digestParts } from '../oci/digest.js'
import { withLock } from '../store/file-locker.js'
import { layerName } from '../store/store-paths.js'
import { KeyedMutex } from '../util/keyed-mutex.js'
import type { LayerContext } from './layer-context.js'
import { beginLayer, type LayerStaging } from './layer-staging.js'
import { type UnpackedLayer, unpackLayer } from './layer-work.js'
import { eachInParallel } from './parallel.js'

/** A layer's blob in the store, and what is in it. */
export interface LayerSource {
  readonly blob: Descriptor
  readonly diffId: Digest
}

// One process waits for itself here, and for other processes at the lock file, where waiting is polling.
const unpacking = new KeyedMutex()

/**
 * Makes sure that the layer is unpacked: once, whoever asks at the same time, in however many processes. The caller holds a
 * lease. ERR_LAYER_INVALID, ERR_DIGEST_MISMATCH; ERR_STORE_CORRUPT where its blob is gone. Nothing is left of a failure. False if the layer
 * was there already, so that nothing was learnt of the blob.
 */
export async function ensureLayer(context: LayerContext, layer: LayerSource, signal?: AbortSignal): Promise<boolean> {
  if (await context.store.layers.has(layer.diffId)) return false
  return await alone(context, layer.diffId, signal, async () => {
    if (await context.store.layers.has(layer.diffId)) return false
    await removeDamaged(context, layer.diffId)
    await unpackBlob(context, layer, signal)
    return true
  })
}

/** The same for all layers of an image, as many at once as there are processors. */
export async function ensureLayers(
  context: LayerContext,
  layers: readonly LayerSource[],
  signal?: AbortSignal,
): Promise<void> {
  const distinct = [...new Map(layers.map((layer) => [layer.diffId, layer])).values()]
  await eachInParallel(distinct, { limit: availableParallelism(), signal }, async (layer, aborted) => {
    await ensureLayer(context, layer, aborted)
  })
}

/** Makes a layer that was unpacked elsewhere visible, unless there is one already. */
export async function publishLayer(
  context: LayerContext,
  staging: LayerStaging,
  layer: UnpackedLayer,
  signal?: AbortSignal,
): Promise<void> {
  await alone(context, layer.diffId, signal, async () => {
    if (await context.store.layers.has(layer.diffId)) return
    await removeDamaged(context, layer.diffId)
    await staging.publish(layer)
  })
}

async function alone<T>(
  { store, locker }: LayerContext,
  diffId: Digest,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const path = join(store.paths.locks, `${layerName(diffId)}.lock`)
  return await unpacking.run(path, () => withLock(locker, { path, mode: 'exclusive', signal }, work), signal)
}

// A directory without a valid record is not usable, and would be in the way of the one that is.
async function removeDamaged(context: LayerContext, diffId: Digest): Promise<void> {
  const found = await stat(context.store.paths.layer(diffId)).catch(() => null)
  if (found === null) return
  const connection = await context.connection()
  await connection.request(
    'layer.remove',
    { layer: layerName(diffId) },
    { failure: { doing: `remove layer ${diffId}` } },
  )
}

async function unpackBlob(context: LayerContext, { blob, diffId }: LayerSource, signal?: AbortSignal): Promise<void> {
  const file = await context.store.blobs.open(blob.digest)
  if (file === null) throw missingBlob(blob.digest)
  try {
    const staging = await beginLayer(context)
    try {
      const layer = await unpackLayer(await context.connection(), {
        input: file.fd,
        target: staging.target.fd,
        expected: { digest: checkedByWorkers(blob.digest), size: blob.size, diffId },
        host: await context.host(),
        signal,
        doing: `unpack layer ${blob.digest}`,
      })
      await staging.publish(layer)
    } finally {
      await staging.discard()
    }
  } finally {
    await file.close()
  }
}

// Workers compute sha256. Any other digest was checked when the blob came, and what is in it is checked by its diffID.
function checkedByWorkers(digest: Digest): Digest | undefined {
  return digestParts(digest).algorithm === 'sha256' ? digest : undefined
}

function missingBlob(digest: Digest): EngineError {
  return new EngineError({
    code: 'ERR_STORE_CORRUPT',
    message: `the layer ${digest} is not in the store`,
    object: digest,
    hint: 'pull, load or import the image again',
  })
}
