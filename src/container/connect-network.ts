// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import type { NetworkAttachment } from '../network/attachment.js'
import type { NetworkRecord } from '../network/network-record.js'
import { containerError } from './container-error.js'
import { linkTo } from './container-link.js'
import type { Subject } from './operate.js'
import { resolvePlace } from './resolve-networks.js'

/** How a container is connected. */
export type ConnectOptions = Omit<NetworkAttachment, 'network'>

/** From now on, and after each start. ERR_INVALID_ARGUMENT where it shares its network with the host or another container. */
export async function connectNetwork(
  { context, container }: Subject,
  network: NetworkRecord,
  options: ConnectOptions,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted()
  const { connection } = await context.supervisor()
  const place = await resolvePlace(context.networks, connection, { ...options, network })
  const link = await linkTo(context, container)
  const failure = { doing: `connect container '${container.name}' to network '${network.name}'` }
  try {
    await link.request('network.connect', { container: container.id, place }, { failure })
  } catch (error) {
    throw explained(error, { container: container.name, network: network.name })
  }
  context.networks.publish({ type: 'network', action: 'connect', object: network.name })
}

/** When it resolves the link is gone. ERR_INVALID_ARGUMENT where it is not on it. */
export async function disconnectNetwork(
  { context, container }: Subject,
  network: NetworkRecord,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted()
  const link = await linkTo(context, container)
  const failure = { doing: `disconnect container '${container.name}' from network '${network.name}'` }
  try {
    await link.request('network.disconnect', { container: container.id, network: network.id }, { failure })
  } catch (error) {
    throw explained(error, { container: container.name, network: network.name })
  }
  context.networks.publish({ type: 'network', action: 'disconnect', object: network.name })
}

const problems: Readonly<Record<string, string>> = {
  'connect network EINVAL': 'its network is the host’s or another container’s',
  'connect network EEXIST': 'it is on that network already',
  'disconnect network ENOENT': 'it is not on that network',
}

function explained(
  error: unknown,
  { container, network }: { readonly container: string; readonly network: string },
): unknown {
  const { step, errno } = error as { readonly step?: string; readonly errno?: string }
  const problem = problems[`${step} ${errno}`]
  if (problem === undefined) return containerError(error, 'configure', container)
  return invalidArgument('container', `'${container}' and the network '${network}': ${problem}`)
}
