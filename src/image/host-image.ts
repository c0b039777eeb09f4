// SPDX-License-Identifier: Apache-2.0
import { ensureLayer, type LayerSource } from '../layer/ensure-layer.js'
import type { Descriptor } from '../oci/descriptor.js'
import { digestOf } from '../oci/digest.js'
import type { ImageConfig } from '../oci/image-config.js'
import { hostAnnotation } from '../store/image-names.js'
import { check, checkOptions, type Shape } from '../util/validate.js'
import { describeImage, type ImageParts, writeImage } from './create-image.js'
import { knownHostLayer, makeHostLayer } from './host/host-layer.js'
import type { ImageContext } from './image-context.js'
import { checkConfig } from './image-options.js'
import type { ImageRecord } from './image-record.js'
import { addContent, recordOf } from './keep-image.js'
import { type StoredImage, storedEntry } from './stored-images.js'

/** How the machine itself is to be an image. */
export interface HostImageOptions {
  /** Over the default: `cmd: ['/bin/sh']` and a PATH. */
  readonly config?: ImageConfig | undefined
  /** Aborted: what was begun is undone, and the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined
}

const shape: Shape<HostImageOptions> = { config: checkConfig, signal: check.signal }
const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * This machine as an image: its /usr, read-only, with an /etc of our own making around it. A real image of the store, but one that
 * means nothing elsewhere. The same machine gives the same image; only the first call writes anything. ERR_UNSUPPORTED where
 * /bin and its like are not links into /usr.
 */
export async function hostImage(
  context: ImageContext,
  options: HostImageOptions = {},
  root = '/',
): Promise<ImageRecord> {
  checkOptions(options, shape)
  const { signal } = options
  const config = withDefaults(options.config ?? {})
  const known = await knownHostLayer(context.store, root)
  const there = known && (await listedImage(context, partsOf(known, config)))
  if (there?.record.host) return there.record
  return await addContent(context, signal, async () => {
    const layer = (await knownHostLayer(context.store, root)) ?? (await makeHostLayer(context.store, root))
    const parts = partsOf(layer, config)
    await ensureLayer(context, layer, signal)
    const entry = await writeImage(context, parts)
    await listAsHost(context, entry, await listedImage(context, parts))
    return await recordOf(context, entry.digest)
  })
}

// Nothing of this moment is in it: the same machine makes the same image.
function partsOf(layer: LayerSource, config: ImageConfig): ImageParts {
  return { layers: [layer], config, history: [{ createdBy: 'tscontainer host' }] }
}

async function listedImage(context: ImageContext, parts: ImageParts): Promise<StoredImage | undefined> {
  const digest = digestOf(describeImage(context, parts).manifest)
  return await storedEntry(context, digest)
}

function withDefaults(config: ImageConfig): ImageConfig {
  const env = config.env ?? []
  const hasPath = env.some((entry) => entry.startsWith('PATH='))
  return { cmd: ['/bin/sh'], ...config, env: hasPath ? env : [defaultPath, ...env] }
}

// What makes it the host's is our own mark in index.json. The same image without it came from elsewhere, by save and load.
async function listAsHost({ store }: ImageContext, entry: Descriptor, there: StoredImage | undefined): Promise<void> {
  const marked = { ...entry, annotations: { [hostAnnotation]: 'true' } }
  if (there) await store.images.removeImage(entry.digest)
  for (const name of there?.names.length ? there.names : [null]) await store.images.set(name, marked)
}
