// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { type OwnedDescriptor, openDirectory } from '../native/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { fileStep } from '../store/store-failure.js'
import { layerName } from '../store/store-paths.js'
import { debugLog } from '../util/debug-log.js'
import type { LayerContext } from './layer-context.js'
import { type UnpackedLayer, work } from './layer-work.js'

/** A directory of the supervisor's in which a layer is being written. */
export interface LayerStaging {
  /** Where the files go. */
  readonly target: OwnedDescriptor
  /** Below the store's tmp/. */
  readonly name: string
  /** Makes the layer visible; where it is there already, that one stays. */
  publish(layer: UnpackedLayer): Promise<void>
  /** The same with a record that is at hand. */
  publishAs(layer: Digest, record: object): Promise<void>
  /** Removes it, in whatever state; nothing happens once it is published. */
  discard(): Promise<void>
}

/** Begins a layer. Whoever does so holds a lease of the store: without one, it is taken for what a crash left. */
export async function beginLayer(context: LayerContext): Promise<LayerStaging> {
  const connection = await context.connection()
  const name = stagingName('layer')
  const { fds } = await connection.request('layer.begin', { name }, { failure: { doing: 'make room for a layer' } })
  const [target, ...others] = fds
  for (const fd of others) fd.close()
  if (target === undefined) throw new TypeError('layer.begin gave no descriptor')
  let published = false
  const publishAs = async (layer: Digest, record: object) => {
    target.close()
    const args = { name, layer: layerName(layer), record }
    await connection.request('layer.publish', args, { failure: { doing: `publish layer ${layer}` } })
    published = true
  }
  return {
    target,
    name,
    publish: (layer) => publishAs(layer.diffId, recordOf(layer)),
    publishAs,
    discard: async () => {
      target.close()
      if (!published) await removeStaging(context, name)
    },
  }
}

/** A new name below the store's tmp/. */
export function stagingName(purpose: string): string {
  return `${purpose}-${randomBytes(12).toString('hex')}`
}

/** Removes a tree below the store's tmp/, whoever of the mapped ids its files belong to. */
export async function removeStaging(context: LayerContext, name: string): Promise<void> {
  const parent = openDirectory(context.store.paths.tmp)
  try {
    const connection = await context.connection()
    await work(connection, 'tree.remove', { name }, { fds: [parent.fd], doing: 'remove temporary files' })
  } catch (error) {
    // A tree that could not be removed is no reason to fail; the next sweep takes it.
    debugLog('%s stays in tmp/: %o', name, error)
  } finally {
    parent.close()
  }
}

/**
 * Removes what a crash left below the store's tmp/; for the opening of an engine. Does nothing while anybody holds a lease.
 * Returns how many things there were.
 */
export async function sweepStaging(context: LayerContext): Promise<number> {
  const { paths } = context.store
  if ((await namesIn(paths.tmp)).length === 0) return 0
  const alone = await context.locker.tryLock(paths.lock('garbage'), 'exclusive')
  if (alone === null) return 0
  try {
    return await sweepStagingAlone(context)
  } finally {
    await alone.release()
  }
}

/** The same for who holds the garbage lock exclusively: nobody is writing a layer then. */
export async function sweepStagingAlone(context: LayerContext): Promise<number> {
  const names = await namesIn(context.store.paths.tmp)
  for (const name of names) await removeStaging(context, name)
  return names.length
}

async function namesIn(directory: string): Promise<readonly string[]> {
  return await fileStep('list', directory, () => readdir(directory))
}

// Directories to be remembered: far more than any layer has that was not made to be a burden.
const maxImpliedParents = 65_536
const maxImpliedBytes = 8 * 1024 * 1024

function recordOf(layer: UnpackedLayer): object {
  const { diffId, plainSize, entries, skippedDevices, droppedXattrs, opaqueRoot } = layer
  const { impliedParents, impliedParentsLatin1 } = layer
  const record = { diffId, sizeBytes: plainSize, entries, skippedDevices, droppedXattrs, opaqueRoot }
  const fits =
    impliedParents.length + impliedParentsLatin1.length <= maxImpliedParents &&
    JSON.stringify([impliedParents, impliedParentsLatin1]).length <= maxImpliedBytes
  return fits ? { ...record, impliedParents, impliedParentsLatin1 } : { ...record, impliedParents: null }
}
