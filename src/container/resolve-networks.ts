// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import type { Connection } from '../native/connection.js'
import type { NetworkPlaceArguments, PortMessage, ResolverArguments } from '../native/network-messages.js'
import { attachmentsOf, type NetworkAttachment } from '../network/attachment.js'
import { defaultNetwork, defaultNetworkName } from '../network/create-network.js'
import { getNetwork } from '../network/find-network.js'
import { parseIpAddress } from '../network/ip-address.js'
import { readHostResolver } from '../network/name-servers.js'
import type { NetworkContext } from '../network/network-context.js'
import type { NetworkRecord } from '../network/network-record.js'
import { rangesOf } from '../network/plan-network.js'
import { parsePorts } from '../network/port-spec.js'
import { formatSubnet, isHostAddress } from '../network/subnet.js'
import { egressOf } from '../network/update-network.js'
import type { ContainerOptions } from '../runtime/container-options.js'
import type { EtcNetwork } from '../runtime/etc-files.js'

/** A container's places on networks, for the supervisor and for its files in /etc. */
export interface ResolvedNetworks {
  readonly networks: readonly NetworkPlaceArguments[]
  readonly ports: readonly PortMessage[]
  readonly resolver?: ResolverArguments | undefined
  readonly etc?: EtcNetwork | undefined
}

interface Place {
  readonly attachment: NetworkAttachment
  readonly network: NetworkRecord
}

const none: ResolvedNetworks = { networks: [], ports: [] }

/** Finds the networks that the options speak of, and has the supervisor make what is not there yet. ERR_NETWORK_NOT_FOUND. */
export async function resolveNetworks(
  context: NetworkContext,
  connection: Connection,
  options: ContainerOptions,
): Promise<ResolvedNetworks> {
  const attachments = attachmentsOf(networkOf(options))
  if (attachments.length === 0) return refusePorts(options)
  const places: Place[] = []
  for (const [index, attachment] of attachments.entries())
    places.push(await findPlace(context, attachment, `network[${index}]`))
  refuseTwice(places)
  for (const { network } of places) await ensure(connection, network)
  const host = await readHostResolver()
  const reachesOut = places.some(({ network }) => !network.internal)
  return {
    networks: placesOf(places),
    ports: portsOf(options),
    resolver: { upstreams: reachesOut ? (options.dns ?? host.servers) : [] },
    etc: { search: reachesOut ? host.search : [], gateway: places[0]?.network.subnets[0]?.gateway },
  }
}

// Who publishes a port wants a network to publish it from.
function networkOf({ network, ports }: ContainerOptions): ContainerOptions['network'] {
  return network ?? (ports && ports.length > 0 ? defaultNetworkName : undefined)
}

function refusePorts({ ports, dns, egress, network = 'none' }: ContainerOptions): ResolvedNetworks {
  const given = ports && ports.length > 0 ? 'ports' : dns ? 'dns' : egress ? 'egress' : undefined
  if (given !== undefined)
    throw invalidArgument(
      given,
      `network: '${network}' has none`,
      "leave network out, or take 'bridge' or one of your own",
    )
  return none
}

/** One place, for the supervisor: what a running container is connected by. */
export async function resolvePlace(
  context: NetworkContext,
  connection: Connection,
  attachment: NetworkAttachment,
): Promise<NetworkPlaceArguments> {
  const place = await findPlace(context, attachment, '')
  await ensure(connection, place.network)
  return placeArguments(place)
}

async function findPlace(context: NetworkContext, attachment: NetworkAttachment, option: string): Promise<Place> {
  const { network: wanted } = attachment
  const name = typeof wanted === 'string' ? wanted : wanted.id
  const network = name === defaultNetworkName ? await defaultNetwork(context) : await getNetwork(context, name)
  for (const text of addressesOf(attachment)) {
    const address = parseIpAddress(text)
    const ranges = rangesOf(network)
    if (address && ranges.some((range) => isHostAddress(range, address)) && !isGateway(network, text)) continue
    const fitting = ranges.map(formatSubnet).join(' and ')
    throw invalidArgument(
      option ? `${option}.ip` : 'ip',
      `${text} is no address that a container can have in ${fitting}`,
    )
  }
  return { attachment, network }
}

const isGateway = ({ subnets }: NetworkRecord, address: string): boolean =>
  subnets.some(({ gateway }) => gateway === address)

function refuseTwice(places: readonly Place[]): void {
  const seen = new Set<string>()
  for (const [index, { network }] of places.entries()) {
    if (seen.has(network.id)) throw invalidArgument(`network[${index}]`, `the network '${network.name}' is named twice`)
    seen.add(network.id)
  }
}

async function ensure(connection: Connection, network: NetworkRecord): Promise<void> {
  const { id, bridge, subnets, internal, ipv6, isolated, mtu, egressVersion = 0 } = network
  const failure = { doing: `make network '${network.name}'` }
  await connection.request(
    'network.ensure',
    { network: { id, bridge, subnets, internal, ipv6, isolated, mtu, ...egressOf(network), egressVersion } },
    { failure },
  )
}

function placesOf(places: readonly Place[]): readonly NetworkPlaceArguments[] {
  // The way out is through the first network that has one.
  const way = places.findIndex(({ network }) => !network.internal)
  return places.map((place, index) => ({ ...placeArguments(place), defaultRoute: index === way }))
}

function placeArguments({ attachment, network }: Place): NetworkPlaceArguments {
  return {
    network: network.id,
    addresses: addressesOf(attachment),
    domain: network.name,
    aliases: attachment.aliases ?? [],
    ...(attachment.mac !== undefined && { mac: attachment.mac.toLowerCase() }),
  }
}

function addressesOf({ ip }: NetworkAttachment): readonly string[] {
  return ip === undefined ? [] : typeof ip === 'string' ? [ip] : ip
}

function portsOf({ ports = [] }: ContainerOptions): readonly PortMessage[] {
  return parsePorts(ports).map(({ container, host, address, protocol }) => ({
    hostAddress: address,
    protocol,
    hostPort: host,
    containerPort: container,
  }))
}
