// SPDX-License-Identifier: Apache-2.0
import { quoted } from '../errors/printable.js'
import type { ByteSource } from '../layer/byte-source.js'
import { publishLayer } from '../layer/ensure-layer.js'
import { feed } from '../layer/feed.js'
import { beginLayer, type LayerStaging } from '../layer/layer-staging.js'
import { type UnpackedLayer, unpackLayer } from '../layer/layer-work.js'
import type { ImageConfig } from '../oci/image-config.js'
import { check, checkOptions, type Shape } from '../util/validate.js'
import { layerSourceOf, writeImage } from './create-image.js'
import type { ImageContext } from './image-context.js'
import { checkConfig, fullTag } from './image-options.js'
import type { ImageRecord } from './image-record.js'
import { keepImage } from './keep-image.js'
import { takeBlob } from './temporary-blob.js'

/** How to make an image of a root file system. */
export interface ImportOptions {
  /** A name for it: `my/base:1`. Without, it is known by its id only. */
  readonly tag?: string | undefined
  /** What its containers run by default, and how; empty by default. */
  readonly config?: ImageConfig | undefined
  /** Aborted: what was begun is undone, and the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined
}

export const importOptionsShape: Shape<ImportOptions> = {
  tag: check.nonEmptyString,
  config: checkConfig,
  signal: check.signal,
}

/**
 * Makes an image of one root file system tar: plain, gzip or zstd; a path or a stream. It is read once: unpacked, checked and
 * kept at the same time. ERR_LAYER_INVALID names the entry that is malformed or leaves the root; nothing is left of a failure.
 */
export async function importImage(
  context: ImageContext,
  source: ByteSource,
  options: ImportOptions = {},
): Promise<ImageRecord> {
  checkOptions(options, importOptionsShape)
  const { signal } = options
  const name = options.tag === undefined ? null : fullTag(options.tag)
  const what = typeof source === 'string' ? quoted(source, 300) : 'the stream'
  return await keepImage(context, { name, signal }, async () => {
    const layer = await unpackAndKeep(context, source, { signal, doing: `import ${what}` })
    return await writeImage(context, {
      layers: [layerSourceOf(layer)],
      config: options.config ?? {},
      created: new Date().toISOString(),
      history: [{ created: new Date().toISOString(), createdBy: 'tscontainer import' }],
    })
  })
}

interface Unpacking {
  readonly signal?: AbortSignal | undefined
  readonly doing: string
}

async function unpackAndKeep(context: ImageContext, source: ByteSource, options: Unpacking): Promise<UnpackedLayer> {
  const staging = await beginLayer(context)
  try {
    const layer = await readOnce(context, source, { ...options, staging })
    await publishLayer(context, staging, layer, options.signal)
    return layer
  } finally {
    await staging.discard()
  }
}

async function readOnce(
  { store, connection, host }: ImageContext,
  source: ByteSource,
  { staging, signal, doing }: Unpacking & { readonly staging: LayerStaging },
): Promise<UnpackedLayer> {
  const supervisor = await connection()
  const request = { target: staging.target.fd, host: await host(), doing }
  return await takeBlob(store, (copy) =>
    feed(source, signal, (input, aborted) =>
      unpackLayer(supervisor, { ...request, copy: copy.fd, input, signal: aborted }),
    ),
  )
}
