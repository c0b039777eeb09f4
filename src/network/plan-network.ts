// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { chooseSubnet, type SubnetWish, uniqueLocalSubnet } from './choose-subnet.js'
import { formatIpAddress, type IpAddress, parseIpAddress } from './ip-address.js'
import type { NetworkCreateOptions } from './network-options.js'
import type { NetworkRecord, NetworkSubnet } from './network-record.js'
import { planMacvlan } from './plan-macvlan.js'
import {
  addressAt,
  contains,
  formatSubnet,
  isHostAddress,
  overlap,
  parseSubnet,
  type Subnet,
  sizeOf,
} from './subnet.js'

/** Everything that the plan of a network is made of. */
export interface NetworkPlanInput {
  readonly id: string
  readonly name: string
  /** Checked. */
  readonly options: NetworkCreateOptions
  readonly kind: SubnetWish['kind']
  /** The other networks of the engine. */
  readonly others: readonly Pick<NetworkRecord, 'name' | 'subnets'>[]
  /** What means something on the host already. */
  readonly hostRanges: readonly Subnet[]
  readonly createdAt: Date
}

// The kernel's limit for names of links is 15 bytes.
const bridgeDigits = 11
// One for the bridge and one for a container, beside the two that IPv4 keeps for itself.
const leastAddresses = 4n
const leastIpv6Mtu = 1280

/** What a network is to be; ERR_INVALID_ARGUMENT and ERR_SUBNET_IN_USE for what it cannot. Pure: the same input gives the same plan. */
export function planNetwork(input: NetworkPlanInput): NetworkRecord {
  const { id, name, options, createdAt } = input
  const subnets = subnetsOf(input)
  const ipv6 = subnets.some(({ family }) => family === 6)
  const macvlan = planMacvlan(options)
  const { internal = false, isolated = false, egress, mtu = 0, labels = {} } = options
  if (ipv6 && mtu !== 0 && mtu < leastIpv6Mtu)
    throw invalidArgument('mtu', `IPv6 needs packets of ${leastIpv6Mtu} bytes`, 'leave ipv6 out, or take a larger mtu')
  return {
    version: 1,
    id,
    name,
    bridge: `tsc-${id.slice(0, bridgeDigits)}`,
    subnets: withGateways(subnets, options),
    internal,
    ipv6,
    isolated,
    ...(egress && { egress: { allow: [...egress.allow] } }),
    mtu,
    ...(macvlan && { macvlan }),
    labels: { ...labels },
    createdAt: createdAt.toISOString(),
  }
}

function subnetsOf({ id, options, kind, others, hostRanges }: NetworkPlanInput): readonly Subnet[] {
  const given = listOf(options.subnet).map(parseGiven)
  if (given.length === 2 && given[0]?.family === given[1]?.family)
    throw invalidArgument('subnet', 'a network has one range of IPv4 addresses and one of IPv6')
  const taken = others.flatMap((other) => rangesOf(other).map((subnet) => ({ subnet, name: other.name })))
  // Those of a macvlan are the ones that its parent has.
  const foreign = options.driver === 'macvlan' ? [] : hostRanges
  for (const subnet of given) refuseTaken(subnet, taken, foreign)
  const v4 =
    given.find(({ family }) => family === 4) ??
    chooseSubnet({ kind, taken: [...taken.map((t) => t.subnet), ...hostRanges] })
  const v6 = given.find(({ family }) => family === 6)
  if (v6 && options.ipv6 === false)
    throw invalidArgument('subnet', `${formatSubnet(v6)} is a range of IPv6, which is off`)
  if (options.driver === 'macvlan' && given.length > 0) return given
  return [v4, ...(v6 ? [v6] : options.ipv6 ? [uniqueLocalSubnet(id)] : [])]
}

function parseGiven(text: string): Subnet {
  const subnet = parseSubnet(text)
  if (!subnet)
    throw invalidArgument(
      'subnet',
      `${quoted(text)} is no range of addresses`,
      "write its first address and its bits: '10.90.0.0/24'",
    )
  if (sizeOf(subnet) < leastAddresses)
    throw invalidArgument('subnet', `${text} has no room for a bridge and a container`)
  return subnet
}

function refuseTaken(
  subnet: Subnet,
  taken: readonly { readonly subnet: Subnet; readonly name: string }[],
  hostRanges: readonly Subnet[],
): void {
  const other = taken.find((candidate) => overlap(candidate.subnet, subnet))
  const route = hostRanges.find((range) => overlap(range, subnet))
  if (!other && !route) return
  const whose = other
    ? `${formatSubnet(other.subnet)} of the network ${quoted(other.name)}`
    : `${formatSubnet(route as Subnet)}, to which the host has a route`
  throw new EngineError({
    code: 'ERR_SUBNET_IN_USE',
    message: `the range ${formatSubnet(subnet)} overlaps ${whose}`,
    option: 'subnet',
    hint: 'take another range, or none: then a free one is chosen',
  })
}

function withGateways(subnets: readonly Subnet[], options: NetworkCreateOptions): readonly NetworkSubnet[] {
  const gateways = listOf(options.gateway).map((text) => parseGateway(text, subnets))
  const parts = listOf(options.ipRange).map((text) => parsePart(text, subnets))
  return subnets.map((subnet) => {
    const part = parts.find((candidate) => contains(subnet, firstOf(candidate)))
    const gateway = gateways.find((address) => contains(subnet, address)) ?? addressAt(subnet, 1n)
    return {
      subnet: formatSubnet(subnet),
      gateway: formatIpAddress(gateway),
      ...(part && { range: formatSubnet(part) }),
    }
  })
}

const firstOf = ({ family, base }: Subnet): IpAddress => ({ family, value: base })

function parsePart(text: string, subnets: readonly Subnet[]): Subnet {
  const part = parseSubnet(text)
  if (!part) throw invalidArgument('ipRange', `${quoted(text)} is no range of addresses`)
  if (subnets.some((subnet) => subnet.length <= part.length && contains(subnet, firstOf(part)))) return part
  throw invalidArgument('ipRange', `${text} is no part of ${subnets.map(formatSubnet).join(' or ')}`)
}

function parseGateway(text: string, subnets: readonly Subnet[]): IpAddress {
  const address = parseIpAddress(text)
  if (!address) throw invalidArgument('gateway', `${quoted(text)} is not an address`)
  if (subnets.some((subnet) => isHostAddress(subnet, address))) return address
  throw invalidArgument('gateway', `${text} is not an address of a host in ${subnets.map(formatSubnet).join(' or ')}`)
}

/** The ranges of a network. */
export function rangesOf({ subnets }: Pick<NetworkRecord, 'subnets'>): readonly Subnet[] {
  return subnets.flatMap(({ subnet }) => parseSubnet(subnet) ?? [])
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value
}
