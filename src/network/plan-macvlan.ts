// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import type { NetworkCreateOptions } from './network-options.js'
import type { MacvlanRecord } from './network-record.js'

/** What the options say about macvlan; ERR_INVALID_ARGUMENT where they do not fit together. */
export function planMacvlan(options: NetworkCreateOptions): MacvlanRecord | undefined {
  const { driver = 'bridge', parent, mode = 'bridge', subnet, internal = false, isolated = false, egress } = options
  if (driver !== 'macvlan') {
    for (const option of ['parent', 'mode'] as const)
      if (options[option] !== undefined) throw invalidArgument(option, "is for driver: 'macvlan'")
    return undefined
  }
  if (parent === undefined)
    throw invalidArgument('parent', 'macvlan needs the link of the host that its members are to be neighbours of')
  if (subnet === undefined)
    throw invalidArgument('subnet', 'macvlan needs the range of addresses that the network of its parent has')
  if (internal) throw invalidArgument('internal', 'what members of a macvlan send does not pass this host’s firewall')
  if (isolated)
    throw invalidArgument('isolated', 'what members of a macvlan send does not pass a bridge', "take mode: 'private'")
  if (egress) throw invalidArgument('egress', 'what members of a macvlan send does not pass this host’s firewall')
  return { parent, mode }
}
