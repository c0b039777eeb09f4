// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path'
import { layerSourceOf } from '../../image/create-image.js'
import { takeBlob } from '../../image/temporary-blob.js'
import type { LayerSource } from '../../layer/ensure-layer.js'
import type { LayerContext } from '../../layer/layer-context.js'
import { type UnpackedLayer, work } from '../../layer/layer-work.js'
import { openDirectory } from '../../native/descriptor.js'
import { type Digest, digestOf } from '../../oci/digest.js'
import { corruptFile } from '../../store/store-failure.js'
import { KeyedMutex } from '../../util/keyed-mutex.js'

const packing = new KeyedMutex()

/** A layer that is packed. */
export interface PackedStep {
  readonly diffId: Digest
  /** Seconds since 1970: nothing in the blob is newer. It is another layer then. */
  readonly latest?: number | undefined
}

/**
 * The blob of a layer that a build made, as a manifest names it: packed when the first image needs it, and found again as long as an image
 * has it.
 */
export async function blobOf(context: LayerContext, layer: PackedStep, signal: AbortSignal): Promise<LayerSource> {
  const { builds, blobs } = context.store
  const { diffId, latest } = layer
  const key = latest === undefined ? diffId : digestOf(`${diffId} ${latest}`)
  return await packing.run(
    key,
    async () => {
      const { blob: known, diffId: packedId = diffId } = (await builds.packed(key)) ?? {}
      if (known && (await blobs.size(known.digest)) === known.size) return { blob: known, diffId: packedId }
      const packed = layerSourceOf(await packLayer(context, layer, signal))
      await builds.setPacked(key, packed)
      return packed
    },
    signal,
  )
}

async function packLayer(
  context: LayerContext,
  { diffId, latest }: PackedStep,
  signal: AbortSignal,
): Promise<UnpackedLayer> {
  const path = join(context.store.paths.layer(diffId), 'fs')
  const source = openDirectory(path)
  try {
    const connection = await context.connection()
    const packed = await takeBlob(context.store, async (file) => {
      const args = { compression: 'gzip', overlay: true, maxMtime: latest }
      const fds = [source.fd, file.fd]
      const result = (await work(connection, 'layer.pack', args, {
        fds,
        signal,
        doing: `pack layer ${diffId}`,
      })) as Pick<UnpackedLayer, 'digest' | 'diffId' | 'size'>
      if (latest === undefined && result.diffId !== diffId)
        throw corruptFile(path, `the layer is ${result.diffId} by now`)
      return result
    })
    return { ...packed, compression: 'gzip' } as UnpackedLayer
  } finally {
    source.close()
  }
}
