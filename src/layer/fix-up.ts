// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Digest } from '../oci/digest.js'
import { Fields } from '../oci/fields.js'
import { parseUntrustedJson } from '../oci/json.js'
import { withLock } from '../store/file-locker.js'
import { fileStep } from '../store/store-failure.js'
import { layerName } from '../store/store-paths.js'
import type { LayerContext } from './layer-context.js'
import { beginLayer } from './layer-staging.js'

/** A stack of unpacked layers, and how what lies on top of it is called. */
export interface LayerChain {
  readonly name: Digest
  /** Lowest first. */
  readonly layers: readonly Digest[]
}

/**
 * Makes sure that there is a layer which gives the directories that others of the stack merely imply their mode, owner,
 * attributes and time, as the layers below say. Its name; null where the stack needs none, and where layers are copied: that
 * takes care of it by itself. The caller holds a lease.
 */
export async function ensureFixUp(
  context: LayerContext,
  chain: LayerChain,
  signal?: AbortSignal,
): Promise<Digest | null> {
  if (!(await impliesDirectories(context, chain.layers.slice(1)))) return null
  if ((await context.host()).snapshotter === 'copy') return null
  const directories = (await directoriesOf(context, chain.name)) ?? (await makeOnce(context, chain, signal))
  return directories > 0 ? chain.name : null
}

async function impliesDirectories({ store }: LayerContext, layers: readonly Digest[]): Promise<boolean> {
  for (const layer of layers) {
    const record = await store.layers.get(layer)
    // The root itself, which has no name there, is the container's own (prepareImage).
    if (record?.impliedParents?.some((path) => path !== '') || (record?.impliedParentsLatin1?.length ?? 0) > 0)
      return true
  }
  return false
}

// How many directories it corrects; undefined where it is not there, or damaged.
async function directoriesOf({ store }: LayerContext, name: Digest): Promise<number | undefined> {
  if (!(await store.layers.has(name))) return undefined
  const path = store.paths.layerRecord(name)
  const data = await fileStep('read layer record', path, () => readFile(path))
  return new Fields(parseUntrustedJson(data, 'layer.json'), 'layer.json').integer('directories')
}

async function makeOnce(context: LayerContext, chain: LayerChain, signal: AbortSignal | undefined): Promise<number> {
  const { store, locker } = context
  const path = join(store.paths.locks, `${layerName(chain.name)}.lock`)
  return await withLock(locker, { path, mode: 'exclusive', signal }, async () => {
    return (await directoriesOf(context, chain.name)) ?? (await make(context, chain, signal))
  })
}

async function make(context: LayerContext, { name, layers }: LayerChain, signal?: AbortSignal): Promise<number> {
  const connection = await context.connection()
  const staging = await beginLayer(context)
  try {
    const { result } = await connection.request(
      'layer.fixup',
      { name: staging.name, layers: layers.map(layerName) },
      { signal, failure: { doing: 'correct directories that layers imply' } },
    )
    const { directories } = result
    await connection.request('layer.remove', { layer: layerName(name) })
    await staging.publishAs(name, { diffId: name, sizeBytes: 0, fixes: layers, directories })
    return directories
  } finally {
    await staging.discard()
  }
}
