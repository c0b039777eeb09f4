// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path'
import { layerSourceOf } from '../../image/create-image.js'
import { takeBlob } from '../../image/temporary-blob.js'
import type { LayerSource } from '../../layer/ensure-layer.js'
import type { LayerContext } from '../../layer/layer-context.js'
import { type UnpackedLayer, work } from '../../layer/layer-work.js'
import { openDirectory } from '../../native/descriptor.js'
import type { Digest } from '../../oci/digest.js'
import { corruptFile } from '../../store/store-failure.js'
import { KeyedMutex } from '../../util/keyed-mutex.js'

const packing = new KeyedMutex()

/**
 * The blob of a layer that a build made, as a manifest names it: packed when the first image needs it, and found again as long as an image
 * has it.
 */
export async function blobOf(context: LayerContext, diffId: Digest, signal: AbortSignal): Promise<LayerSource> {
  const { builds, blobs } = context.store
  return await packing.run(
    diffId,
    async () => {
      const known = await builds.blob(diffId)
      if (known && (await blobs.size(known.digest)) === known.size) return { blob: known, diffId }
      const packed = layerSourceOf(await packLayer(context, diffId, signal))
      await builds.setBlob(diffId, packed.blob)
      return packed
    },
    signal,
  )
}

async function packLayer(context: LayerContext, diffId: Digest, signal: AbortSignal): Promise<UnpackedLayer> {
  const path = join(context.store.paths.layer(diffId), 'fs')
  const source = openDirectory(path)
  try {
    const connection = await context.connection()
    const packed = await takeBlob(context.store, async (file) => {
      const args = { compression: 'gzip', overlay: true }
      const fds = [source.fd, file.fd]
      const result = (await work(connection, 'layer.pack', args, {
        fds,
        signal,
        doing: `pack layer ${diffId}`,
      })) as Pick<UnpackedLayer, 'digest' | 'diffId' | 'size'>
      if (result.diffId !== diffId) throw corruptFile(path, `the layer is ${result.diffId} by now`)
      return result
    })
    return { ...packed, compression: 'gzip' } as UnpackedLayer
  } finally {
    source.close()
  }
}
