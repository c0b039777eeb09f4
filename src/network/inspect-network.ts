// SPDX-License-Identifier: Apache-2.0
import type { EgressOptions } from './egress.js'
import { getNetwork } from './find-network.js'
import type { NetworkContext } from './network-context.js'
import type { MacvlanRecord, NetworkSubnet } from './network-record.js'

/** Everything that is known of a network. */
export interface NetworkInspection {
  /** 64 hex digits. */
  readonly id: string
  /** Unique in its engine. */
  readonly name: string
  /** The link of the host, or of the engine's own network namespace, that its members are behind. */
  readonly bridge: string
  /** Its ranges of addresses. */
  readonly subnets: readonly NetworkSubnet[]
  /** Whether nothing goes out of it and nothing comes in. */
  readonly internal: boolean
  /** Whether its members have IPv6 addresses too. */
  readonly ipv6: boolean
  /** Whether its members do not reach each other. */
  readonly isolated: boolean
  /** What its members may reach outside, unless they have a policy of their own; missing: everything. */
  readonly egress?: EgressOptions | undefined
  /** Bytes; 0: what the kernel takes. */
  readonly mtu: number
  /** Of the driver macvlan: whose neighbours its members are. */
  readonly macvlan?: MacvlanRecord
  /** As it was given. */
  readonly labels: Readonly<Record<string, string>>
  /** When it was made. */
  readonly createdAt: Date
  /** Names of the containers that are on it, stopped ones included. */
  readonly containers: readonly string[]
}

/** ERR_NETWORK_NOT_FOUND. */
export async function inspectNetwork(
  context: NetworkContext,
  id: string,
  signal?: AbortSignal,
): Promise<NetworkInspection> {
  signal?.throwIfAborted()
  const [{ version: _, egressVersion: __, createdAt, ...record }, members] = await Promise.all([
    getNetwork(context, id),
    context.members(),
  ])
  const containers = members.filter(({ network }) => network === record.id).map(({ container }) => container)
  return { ...record, createdAt: new Date(createdAt), containers }
}
