// SPDX-License-Identifier: Apache-2.0
import type { Connection } from '../native/connection.js'
import type { NetworkRecord } from './network-record.js'

/** Has the supervisor make what a network needs in the kernel, where that is not there yet. */
export async function ensureNetwork(connection: Connection, network: NetworkRecord): Promise<void> {
  const { id, bridge, subnets, internal, ipv6, isolated, mtu, macvlan } = network
  const failure = { doing: `make network '${network.name}'` }
  await connection.request(
    'network.ensure',
    { network: { id, bridge, subnets, internal, ipv6, isolated, mtu, ...(macvlan && { macvlan }) } },
    { failure },
  )
}
