// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path'
import { buildTar } from '../../layer/build-tar.js'
import type { LayerSource } from '../../layer/ensure-layer.js'
import { type Digest, isDigest } from '../../oci/digest.js'
import { Fields } from '../../oci/fields.js'
import { parseUntrustedJson } from '../../oci/json.js'
import { mediaTypes } from '../../oci/media-types.js'
import type { Store } from '../../store/store.js'
import { fileStep } from '../../store/store-failure.js'
import { readRegularFile, writeFileAtomic } from '../../util/atomic-file.js'
import { debugLog } from '../../util/debug-log.js'
import { type HostInput, isUnchanged } from './host-files.js'
import { hostTree, hostTreeVersion } from './host-tree.js'

interface Made {
  readonly version: number
  readonly root: string
  readonly inputs: readonly HostInput[]
  readonly digest: Digest
  readonly size: number
}

const maxBytes = 4 * 1024 * 1024
const made = new WeakMap<Store, Made>()

/** The layer around this machine's /usr as it was made before; undefined where the host's files have changed since. */
export async function knownHostLayer(store: Store, root: string): Promise<LayerSource | undefined> {
  const known = await knownLayer(store, root)
  return known && sourceOf(known)
}

/** Makes the layer, in the store. The caller holds a lease. */
export async function makeHostLayer(store: Store, root: string): Promise<LayerSource> {
  const layer = await makeLayer(store, root)
  made.set(store, layer)
  return sourceOf(layer)
}

function sourceOf({ digest, size }: Made): LayerSource {
  return { blob: { mediaType: mediaTypes.layer, digest, size }, diffId: digest }
}

async function knownLayer(store: Store, root: string): Promise<Made | undefined> {
  const known = made.get(store) ?? (await readCache(store))
  if (known === undefined || known.version !== hostTreeVersion || known.root !== root) return undefined
  const looking = fileStep('look at the host', root, () => isUnchanged(root, known.inputs))
  const [unchanged, size] = await Promise.all([looking, store.blobs.size(known.digest)])
  if (!unchanged || size !== known.size) return undefined
  made.set(store, known)
  return known
}

async function makeLayer(store: Store, root: string): Promise<Made> {
  const { items, inputs } = await fileStep('look at the host', root, () => hostTree(root))
  const { digest, size } = await store.blobs.put(buildTar(items))
  const layer = { version: hostTreeVersion, root, inputs, digest, size }
  await writeFileAtomic(cachePath(store), JSON.stringify(layer), { sync: false })
  return layer
}

function cachePath(store: Store): string {
  return join(store.paths.cache, 'host-layer.json')
}

// Ours, but whatever is wrong with it, making the layer again is right.
async function readCache(store: Store): Promise<Made | undefined> {
  try {
    const data = await readRegularFile(cachePath(store), maxBytes)
    return data === null ? undefined : parseCache(data)
  } catch (error) {
    debugLog('the cache of the host layer is passed over: %o', error)
    return undefined
  }
}

function parseCache(data: Uint8Array): Made | undefined {
  const fields = new Fields(parseUntrustedJson(data, 'host-layer.json', { maxBytes }), 'host-layer.json')
  const inputs = fields.array('inputs', 100_000, (value): HostInput => {
    const [path, stamp] = Array.isArray(value) ? (value as unknown[]) : []
    if (typeof path !== 'string' || (typeof stamp !== 'string' && stamp !== null)) throw new TypeError('no input')
    return [path, stamp]
  })
  const [version, size] = [fields.integer('version'), fields.integer('size')]
  const [root, digest] = [fields.string('root'), fields.string('digest')]
  if (!inputs || version === undefined || size === undefined || root === undefined || !isDigest(digest))
    return undefined
  return { version, root, inputs, digest, size }
}
