// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto'
import { EngineError } from '../errors/engine-error.js'
import { overlap, parseSubnet, type Subnet, sizeOf } from './subnet.js'

/** For whom a range is chosen. */
export interface SubnetWish {
  /** The network that all containers without another one are on has room for 65,000, the others for 250. */
  readonly kind: 'default' | 'own'
  /** What must not be overlapped: subnets of other networks, routes of the host, its name servers. */
  readonly taken: readonly Subnet[]
}

interface Pool {
  readonly range: string
  readonly length: number
}

// Private ranges (RFC 1918) that home and office networks use least; Docker takes the first of them too, where it is free.
const pools: Readonly<Record<SubnetWish['kind'], readonly Pool[]>> = {
  default: [
    { range: '172.17.0.0/16', length: 16 },
    { range: '172.18.0.0/15', length: 16 },
    { range: '172.20.0.0/14', length: 16 },
    { range: '172.24.0.0/13', length: 16 },
    { range: '10.88.0.0/16', length: 16 },
  ],
  own: [
    { range: '10.89.0.0/16', length: 24 },
    { range: '10.96.0.0/11', length: 24 },
    { range: '10.128.0.0/9', length: 24 },
    { range: '192.168.128.0/17', length: 24 },
  ],
}

/** A free IPv4 range. ERR_RESOURCE_EXHAUSTED where every one that may be used is taken. */
export function chooseSubnet({ kind, taken }: SubnetWish): Subnet {
  for (const pool of pools[kind]) {
    const found = firstFree(pool, taken)
    if (found) return found
  }
  throw new EngineError({
    code: 'ERR_RESOURCE_EXHAUSTED',
    message: 'every range of addresses that a network could have is in use',
    hint: 'remove networks that nobody uses (Network.prune()), or give a subnet: a route of the host takes what it covers',
  })
}

function firstFree({ range, length }: Pool, taken: readonly Subnet[]): Subnet | undefined {
  const whole = parseSubnet(range) as Subnet
  const end = whole.base + sizeOf(whole)
  let subnet: Subnet = { family: 4, base: whole.base, length }
  while (subnet.base < end) {
    const clash = taken.find((other) => overlap(other, subnet))
    if (!clash) return subnet
    // Behind what is in the way, which may be much larger than what is looked for.
    const size = sizeOf(subnet)
    const behind = clash.base + sizeOf(clash)
    subnet = { ...subnet, base: behind > subnet.base ? ((behind + size - 1n) / size) * size : subnet.base + size }
  }
  return undefined
}

/** The IPv6 range of a network: unique local addresses (RFC 4193) whose random part is drawn from its id, so that none need be kept. */
export function uniqueLocalSubnet(networkId: string): Subnet {
  const random = createHash('sha256').update(networkId).digest('hex').slice(0, 14)
  return { family: 6, base: BigInt(`0xfd${random}`) << 64n, length: 64 }
}
