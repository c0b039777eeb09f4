// SPDX-License-Identifier: Apache-2.0
import { publishLayer } from '../../layer/ensure-layer.js'
import type { LayerContext } from '../../layer/layer-context.js'
import { layerError } from '../../layer/layer-error.js'
import { beginLayer } from '../../layer/layer-staging.js'
import type { UnpackedLayer } from '../../layer/layer-work.js'
import type { StagedLayer } from '../../native/build-messages.js'
import type { Digest } from '../../oci/digest.js'

/** A layer that a step made: unpacked in the store, without a blob as long as no image needs one. */
export interface SealedLayer {
  readonly diffId: Digest
  /** Bytes of its tar. */
  readonly sizeBytes: number
}

/**
 * Has the supervisor write a layer into a new directory, and makes that directory the layer by one rename. Null where nothing had to be
 * written. The caller holds a lease of the store, for as long as nothing else leads to the layer and to those below it.
 */
export async function makeLayer<Result extends StagedLayer>(
  context: LayerContext,
  write: (name: string) => Promise<Result>,
  signal?: AbortSignal,
): Promise<{ readonly layer: SealedLayer | null; readonly result: Result }> {
  const staging = await beginLayer(context)
  try {
    const result = await write(staging.name)
    if (result.diffId === null) return { layer: null, result }
    const unpacked = unpackedOf(result, result.diffId as Digest)
    await publishLayer(context, staging, unpacked, signal)
    return { layer: { diffId: unpacked.diffId, sizeBytes: result.size }, result }
  } catch (error) {
    throw layerError(error)
  } finally {
    await staging.discard()
  }
}

// As the unpacking of its tar would have told. Only the root has no entry of its own.
function unpackedOf(
  { size, entries, skippedDevices = 0, droppedXattrs = 0 }: StagedLayer,
  diffId: Digest,
): UnpackedLayer {
  return {
    digest: diffId,
    diffId,
    size,
    plainSize: size,
    entries,
    compression: 'plain',
    skippedDevices,
    droppedXattrs,
    impliedParents: [''],
    impliedParentsLatin1: [],
    opaqueRoot: false,
  }
}
