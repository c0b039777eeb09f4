// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { ensureNetwork } from '../network/ensure-network.js'
import type { Impairment } from '../network/impairment.js'
import type { NetworkRecord } from '../network/network-record.js'
import { containerError } from './container-error.js'
import { linkTo } from './container-link.js'
import { findContainer } from './find-container.js'
import type { Subject } from './operate.js'

type Context = Subject['context']
type Members = readonly Subject['container'][]

/** Between which containers; without `other` all of the first, without any all of the network. */
export interface FaultyMembers {
  readonly one?: Members | undefined
  readonly other?: Members | undefined
}

/** Keeps each of the first from each of the second, until they are healed. */
export async function partitionNetwork(
  context: Context,
  network: NetworkRecord,
  { one, other }: Required<FaultyMembers>,
): Promise<void> {
  const members = new Set(
    (await context.networks.members())
      .filter((member) => member.network === network.id)
      .map((member) => member.container),
  )
  const away = [...(one ?? []), ...(other ?? [])].find(({ name }) => !members.has(name))
  if (away) throw notThere(away.name, network.name)
  const pairs = (one ?? []).flatMap((first) => (other ?? []).map((second) => [first.id, second.id] as const))
  const same = pairs.find(([first, second]) => first === second)
  if (same) throw invalidArgument('other', 'a container cannot be kept from itself')
  const { connection } = await context.supervisor()
  await ensureNetwork(connection, network)
  const failure = { doing: `partition network '${network.name}'` }
  await connection.request('network.partition', { network: network.id, pairs }, { failure })
  context.networks.publish({ type: 'network', action: 'partition', object: network.name })
}

/** Ends partitions; and impairments, unless it is about those between two sides. */
export async function healNetwork(
  context: Context,
  network: NetworkRecord,
  { one, other }: FaultyMembers,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { connection } = await context.supervisor()
  const ids = (members: Members | undefined) => members && { list: members.map(({ id }) => id) }
  const args = { network: network.id, one: ids(one)?.list, other: ids(other)?.list }
  await connection.request('network.heal', args, { failure: { doing: `heal network '${network.name}'` } })
  if (!other)
    for (const container of one ?? (await membersOf(context, network, signal))) await clear(context, network, container)
  context.networks.publish({ type: 'network', action: 'heal', object: network.name })
}

async function membersOf(context: Context, network: NetworkRecord, signal: AbortSignal | undefined): Promise<Members> {
  const names = (await context.networks.members()).filter((member) => member.network === network.id)
  return await Promise.all(names.map(({ container }) => findContainer(context, container, signal)))
}

// A detached container that has ended has no owner, and nothing to heal.
async function clear(context: Context, network: NetworkRecord, container: Subject['container']): Promise<void> {
  if (container.state !== 'running' && container.state !== 'paused') return
  await impairMember({ context, container }, network, {})
}

/** What it sends there goes by a bad line from now on, also when it is started again. */
export async function impairMember(
  { context, container }: Subject,
  network: NetworkRecord,
  impairment: Impairment,
): Promise<void> {
  const link = await linkTo(context, container)
  const failure = { doing: `impair container '${container.name}' on network '${network.name}'` }
  try {
    await link.request('network.impair', { container: container.id, network: network.id, impairment }, { failure })
  } catch (error) {
    const { step, errno } = error as { readonly step?: string; readonly errno?: string }
    if (step === 'impair link' && errno === 'EINVAL') throw notThere(container.name, network.name)
    throw containerError(error, 'configure', container.name)
  }
}

const notThere = (container: string, network: string) =>
  invalidArgument('container', `'${container}' is not on the network '${network}'`)
