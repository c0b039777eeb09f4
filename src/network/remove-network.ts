// SPDX-License-Identifier: Apache-2.0
import { rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { EngineError } from '../errors/engine-error.js'
import { quoted } from '../errors/printable.js'
import { fileStep, isMissing } from '../store/store-failure.js'
import { checkOptions } from '../util/validate.js'
import { defaultNetworkName } from './create-network.js'
import { listNetworks } from './find-network.js'
import type { NetworkContext } from './network-context.js'
import { type PruneNetworksOptions, pruneNetworksShape } from './network-options.js'
import type { NetworkRecord } from './network-record.js'

/** Removes it. ERR_NETWORK_IN_USE names a container that is on it, running or not. */
export async function removeNetwork(
  context: NetworkContext,
  network: NetworkRecord,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted()
  await context.exclusively(async () => {
    const member = (await context.members()).find((candidate) => candidate.network === network.id)
    if (member) throw inUse(network.name, member.container)
    const connection = await context.connection()
    // It may have members that are just being made: then the supervisor refuses.
    await connection
      .request('network.remove', { network: network.id }, { failure: { doing: `remove network '${network.name}'` } })
      .catch((error) => {
        // What no container was ever on is nothing but its record.
        if (EngineError.is(error, 'ERR_NETWORK_NOT_FOUND')) return
        throw EngineError.is(error, 'ERR_NETWORK_IN_USE') ? inUse(network.name, error.object) : error
      })
    await removeRecord(context, network)
  }, signal)
  context.publish({ type: 'network', action: 'remove', object: network.name })
}

/** Removes those that no container is on; returns their names. The default one stays. */
export async function pruneNetworks(
  context: NetworkContext,
  options: PruneNetworksOptions = {},
): Promise<readonly string[]> {
  checkOptions<PruneNetworksOptions>(options, pruneNetworksShape)
  const { labels, until, signal } = options
  const removed: string[] = []
  for (const network of await listNetworks(context, { labels, signal })) {
    signal?.throwIfAborted()
    const old = !until || Date.parse(network.createdAt) < until.getTime()
    if (network.name === defaultNetworkName || !old) continue
    if (await removedUnused(context, network)) removed.push(network.name)
  }
  return removed
}

async function removedUnused(context: NetworkContext, network: NetworkRecord): Promise<boolean> {
  try {
    await removeNetwork(context, network)
    return true
  } catch (error) {
    if (EngineError.is(error, 'ERR_NETWORK_IN_USE')) return false
    throw error
  }
}

async function removeRecord(context: NetworkContext, { id, name }: NetworkRecord): Promise<void> {
  const paths = await context.paths()
  const directory = dirname(paths.networkRecord(name))
  const trash = join(paths.trash, `network-${id}`)
  await fileStep('remove network', directory, async () => {
    await rename(directory, trash).catch((error) => {
      if (!isMissing(error)) throw error
    })
    await rm(trash, { recursive: true, force: true })
  })
}

function inUse(name: string, container: string | undefined): EngineError {
  const member = container ? `container ${quoted(container)}` : 'a container that is just being made'
  return new EngineError({
    code: 'ERR_NETWORK_IN_USE',
    message: `${member} is on the network ${quoted(name)}`,
    object: name,
    hint: 'remove the container, or disconnect it from the network, first',
  })
}
