// SPDX-License-Identifier: Apache-2.0

import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { ensureLayer, type LayerSource } from '../layer/ensure-layer.js'
import { work } from '../layer/layer-work.js'
import { type OwnedDescriptor, openDirectory } from '../native/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { mediaTypes } from '../oci/media-types.js'
import { checkOptions } from '../util/validate.js'
import { writeImage } from './create-image.js'
import type { ImageContext } from './image-context.js'
import { fullTag } from './image-options.js'
import type { ImageRecord } from './image-record.js'
import { type ImportOptions, importOptionsShape } from './import-image.js'
import { keepImage } from './keep-image.js'
import { takeBlob } from './temporary-blob.js'

/**
 * Makes an image of a directory that holds a root file system, by copy: what happens to the directory later changes nothing.
 * ERR_INVALID_ARGUMENT where there is no such directory, ERR_PERMISSION where a file in it may not be read.
 */
export async function imageFromDirectory(
  context: ImageContext,
  path: string,
  options: ImportOptions = {},
): Promise<ImageRecord> {
  checkOptions(options, importOptionsShape)
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw invalidArgument('path', `expected the path of a directory, got ${quoted(path)}`)
  }
  const { signal } = options
  const name = options.tag === undefined ? null : fullTag(options.tag)
  return await keepImage(context, { name, signal }, async () => {
    const layer = await pack(context, path, signal)
    await ensureLayer(context, layer, signal)
    const created = new Date().toISOString()
    return await writeImage(context, {
      layers: [layer],
      config: options.config ?? {},
      created,
      history: [{ created, createdBy: 'tscontainer fromDirectory' }],
    })
  })
}

interface PackedLayer {
  readonly digest: Digest
  readonly diffId: Digest
  readonly size: number
}

async function pack(context: ImageContext, path: string, signal: AbortSignal | undefined): Promise<LayerSource> {
  const source = open(path)
  try {
    const connection = await context.connection()
    const { digest, diffId, size } = await takeBlob(context.store, async (output) => {
      const options = { fds: [source.fd, output.fd], signal, doing: `pack ${quoted(path, 300)}` }
      return (await work(connection, 'layer.pack', {}, options)) as PackedLayer
    })
    return { blob: { mediaType: mediaTypes.layer, digest, size }, diffId }
  } finally {
    source.close()
  }
}

function open(path: string): OwnedDescriptor {
  try {
    return openDirectory(path)
  } catch (error) {
    if (!EngineError.is(error) || (error.errno !== 'ENOENT' && error.errno !== 'ENOTDIR')) throw error
    throw invalidArgument('path', `there is no directory ${quoted(path, 300)}`)
  }
}
