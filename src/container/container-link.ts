// SPDX-License-Identifier: Apache-2.0
import type { Connection } from '../native/connection.js'
import { ensureNetwork } from '../network/ensure-network.js'
import { getNetwork } from '../network/find-network.js'
import type { ContainerContext } from './container-context.js'
import { adopt } from './find-container.js'
import { linkToMonitor } from './monitor-link.js'
import type { TrackedContainer } from './tracked-container.js'

/** The connection over which a container is reached now, if nothing has to be asked for it. */
export function openLink({ connection }: TrackedContainer): Connection | undefined {
  return connection && !connection.closed ? connection : undefined
}

/** Who has the container: its monitor while there is one, else the supervisor. */
export async function linkTo(context: ContainerContext, container: TrackedContainer): Promise<Connection> {
  const open = openLink(container)
  if (open) return open
  const { connection } = await context.supervisor()
  if (!container.detached) return connection
  const { result } = await connection.request('inspect', { container: container.id })
  await adopt(context, result)
  return openLink(container) ?? connection
}

/**
 * The same for a start: a detached container whose monitor has left gets a new one, and its networks: they may have ended with the supervisor that
 * had made them.
 */
export async function linkToStart(context: ContainerContext, container: TrackedContainer): Promise<Connection> {
  const open = openLink(container)
  if (open || !container.detached) return open ?? (await linkTo(context, container))
  const { connection } = await context.supervisor()
  await ensureNetworksOf(context, connection, container)
  container.connection = await linkToMonitor(context, connection, container.id)
  return container.connection
}

async function ensureNetworksOf(
  context: ContainerContext,
  connection: Connection,
  container: TrackedContainer,
): Promise<void> {
  const { result } = await connection.request('inspect', { container: container.id })
  for (const { network } of result.networks ?? []) {
    // One that was removed meanwhile is named by the start.
    const record = await getNetwork(context.networks, network).catch(() => undefined)
    if (record) await ensureNetwork(connection, record)
  }
}
