// SPDX-License-Identifier: Apache-2.0
import type { Connection } from '../native/connection.js'
import { hostLacksNetworks } from './loopback-fallback.js'
import type { NetworkRecord } from './network-record.js'
import { egressOf } from './update-network.js'

/**
 * Has the supervisor make what a network needs in the kernel, where that is not there yet. The address at which its members reach the host;
 * null where that is its gateway's.
 */
export async function ensureNetwork(connection: Connection, network: NetworkRecord): Promise<string | null> {
  const { id, bridge, subnets, internal, ipv6, isolated, mtu, egressVersion = 0, macvlan } = network
  const failure = { doing: `make network '${network.name}'` }
  const policy = { ...egressOf(network), egressVersion }
  const wanted = {
    network: { id, bridge, subnets, internal, ipv6, isolated, mtu, ...policy, ...(macvlan && { macvlan }) },
  }
  try {
    const { result } = await connection.request('network.ensure', wanted, { failure })
    return result.hostAddress
  } catch (error) {
    throw hostLacksNetworks(error) ?? error
  }
}
