// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import type { Connection } from '../native/connection.js'
import type { NetworkPlaceArguments, PortMessage, RateMessage, ResolverArguments } from '../native/network-messages.js'
import { attachmentsOf, type NetworkAttachment } from '../network/attachment.js'
import { defaultNetwork, defaultNetworkName } from '../network/create-network.js'
import { ensureNetwork } from '../network/ensure-network.js'
import { getNetwork } from '../network/find-network.js'
import { parseIpAddress } from '../network/ip-address.js'
import { readHostResolver } from '../network/name-servers.js'
import type { NetworkContext } from '../network/network-context.js'
import type { NetworkRecord } from '../network/network-record.js'
import { rangesOf } from '../network/plan-network.js'
import { parsePorts } from '../network/port-spec.js'
import { formatSubnet, isHostAddress } from '../network/subnet.js'
import type { ContainerOptions } from '../runtime/container-options.js'
import type { EtcNetwork } from '../runtime/etc-files.js'
import { rateMessage } from '../runtime/rate.js'
import type { Supervising } from './container-context.js'

/** A container's places on networks, for the supervisor and for its files in /etc. */
export interface ResolvedNetworks {
  readonly networks: readonly NetworkPlaceArguments[]
  readonly ports: readonly PortMessage[]
  readonly rate?: RateMessage | undefined
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
  { connection }: Supervising,
  options: ContainerOptions,
): Promise<ResolvedNetworks> {
  const { network, ports = [], egress, rate } = options
  const attachments = attachmentsOf(network ?? defaultNetworkName)
  if (attachments.length === 0) return refusePorts(options)
  // Who publishes a port, or says whom to ask for names, or what may be reached, wants a network.
  if (network !== undefined || ports.length > 0 || asksNames(options) || egress || rate)
    return await place(context, connection, options, attachments)
  const { fallback } = context
  if (fallback.lacksNetworks) return none
  try {
    return await place(context, connection, options, attachments)
  } catch (error) {
    if (!EngineError.is(error, 'ERR_UNSUPPORTED')) throw error
    fallback.forLack(error)
    return none
  }
}

async function place(
  context: NetworkContext,
  connection: Connection,
  options: ContainerOptions,
  attachments: readonly NetworkAttachment[],
): Promise<ResolvedNetworks> {
  const places: Place[] = []
  for (const [index, attachment] of attachments.entries())
    places.push(await findPlace(context, attachment, `network[${index}]`))
  refuseTwice(places)
  refuseUnjudged(options, places)
  const hostAddresses = await Promise.all(places.map(({ network }) => ensureNetwork(connection, network)))
  const host = readHostResolver()
  const reachesOut = places.some(({ network }) => !network.internal)
  return {
    networks: placesOf(places),
    ports: portsOf(options),
    rate: options.rate && rateMessage(options.rate),
    resolver: { upstreams: options.dns ?? host.servers },
    etc: {
      search: options.dnsSearch ?? (reachesOut ? host.search : []),
      host: hostAddresses[0] ?? hostAddressIn(places[0]?.network),
    },
  }
}

// Members of a macvlan do not reach the host.
const hostAddressIn = (network: NetworkRecord | undefined): string | undefined =>
  network?.macvlan ? undefined : network?.subnets[0]?.gateway

const asksNames = ({ dns, dnsSearch, dnsOptions }: ContainerOptions): boolean => Boolean(dns ?? dnsSearch ?? dnsOptions)

function refusePorts(options: ContainerOptions): ResolvedNetworks {
  const { ports = [], network } = options
  const others = (['dns', 'dnsSearch', 'dnsOptions', 'egress', 'rate'] as const).find((key) => options[key])
  const given = ports.length > 0 ? 'ports' : others
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
  await ensureNetwork(connection, place.network)
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

// Else it would be refused when it is started.
function refuseUnjudged({ egress }: ContainerOptions, places: readonly Place[]): void {
  const unjudged = egress && places.find(({ network }) => network.macvlan)
  if (unjudged)
    throw invalidArgument(
      'egress',
      `what members of the macvlan '${unjudged.network.name}' send does not pass this host`,
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
  return parsePorts(ports).map(({ container, host, address, protocol, shared }) => ({
    hostAddress: address,
    protocol,
    hostPort: host,
    containerPort: container,
    ...(shared !== undefined && { shared }),
  }))
}
