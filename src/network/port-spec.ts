// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { formatIpAddress, parseIpAddress } from './ip-address.js'

/** What a port is for. */
export type Protocol = 'tcp' | 'udp' | 'sctp'

/** A port of a container, and where the host is to have it. */
export interface PortMapping {
  /** The container's: 1 to 65535. */
  readonly container: number
  /** The host's; without one a free one is taken. */
  readonly host?: number | undefined
  /** The host's; `127.0.0.1` by default, `0.0.0.0` and `::` are all it has. */
  readonly address?: string | undefined
  /** `tcp` by default. */
  readonly protocol?: Protocol | undefined
  /**
   * A name for what several containers are together: those that publish the same port of the host under the same name share it. New connections are
   * spread over those that run, are healthy if they have a check, and are not asked to end; over all where there is none such. Connections that
   * there are go on. It needs `host`. ERR_PORT_IN_USE where others have the port, or share it under another name.
   */
  readonly shared?: string | undefined
}

/**
 * A port to publish: the container's number, or Docker's text, `[[address:][host]:]container[/protocol]`, with ranges on both sides
 * (`'8000-8002:80-82'`) and IPv6 addresses in brackets; or an object.
 */
export type PortSpec = number | string | PortMapping

/** One port to publish; `host` 0: a free one. */
export interface PortRequest {
  readonly container: number
  readonly host: number
  readonly address: string
  readonly protocol: Protocol
  readonly shared?: string | undefined
}

const protocols: readonly Protocol[] = ['tcp', 'udp', 'sctp']
const loopback = '127.0.0.1'
const largest = 65_535

/** Each port that the specs name. ERR_INVALID_ARGUMENT names `option` and the spec's place. */
export function parsePorts(specs: readonly PortSpec[], option = 'ports'): readonly PortRequest[] {
  const requests = specs.flatMap((spec, index) => parsePort(spec, `${option}[${index}]`))
  const seen = new Set<string>()
  for (const { address, host, protocol } of requests) {
    const place = `${address} ${host}/${protocol}`
    if (host !== 0 && seen.has(place))
      throw invalidArgument(option, `port ${host}/${protocol} of ${address} is asked for twice`)
    seen.add(place)
  }
  return requests
}

/** Each port that one spec names. */
export function parsePort(spec: unknown, option: string): readonly PortRequest[] {
  if (typeof spec === 'number') return [{ container: port(spec, option), host: 0, address: loopback, protocol: 'tcp' }]
  if (typeof spec === 'string') return parseText(spec, option)
  if (typeof spec === 'object' && spec !== null) return [parseMapping(spec, option)]
  throw invalidArgument(option, `expected a port such as 3000, "8080:80" or { container: 80 }, got ${quoted(spec)}`)
}

function parseMapping(spec: object, option: string): PortRequest {
  const {
    container,
    host = 0,
    address = loopback,
    protocol = 'tcp',
    shared,
    ...others
  } = spec as Record<string, unknown>
  const [unknown] = Object.keys(others)
  if (unknown !== undefined)
    throw invalidArgument(
      `${option}.${unknown}`,
      'unknown option',
      'known are: container, host, address, protocol, shared',
    )
  if (!protocols.includes(protocol as Protocol))
    throw invalidArgument(`${option}.protocol`, `expected one of ${protocols.join(', ')}, got ${quoted(protocol)}`)
  return {
    container: port(container, `${option}.container`),
    host: host === 0 ? 0 : port(host, `${option}.host`),
    address: hostAddress(address, `${option}.address`),
    protocol: protocol as Protocol,
    ...(shared !== undefined && { shared: shareName(shared, { host, option: `${option}.shared` }) }),
  }
}

function shareName(name: unknown, { host, option }: { readonly host: unknown; readonly option: string }): string {
  if (typeof name !== 'string' || !/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(name))
    throw invalidArgument(option, `expected a name of letters, digits, _, . and -, got ${quoted(name)}`)
  if (host === 0) throw invalidArgument(option, 'needs the number of the port that is shared', 'give it as host')
  return name
}

function parseText(text: string, option: string): readonly PortRequest[] {
  const [, address, host, container = '', protocol = 'tcp'] =
    /^(?:(?:(\[[^\]]*\]|[^:[\]]*):)?([\d-]*):)?([\d-]+)(?:\/(tcp|udp|sctp))?$/.exec(text) ?? []
  if (container === '')
    throw invalidArgument(option, `${quoted(text)} is no port`, 'write [[address:][host]:]container[/protocol]')
  const inside = parseRange(container, option)
  const outside = host ? parseRange(host, option) : undefined
  if (outside && outside.length !== inside.length)
    throw invalidArgument(
      option,
      `${quoted(text)} has ${outside.length} ports of the host for ${inside.length} of the container`,
    )
  const where = address ? hostAddress(address.replace(/^\[(.*)\]$/, '$1'), option) : loopback
  return inside.map((number, index) => ({
    container: number,
    host: outside?.[index] ?? 0,
    address: where,
    protocol: protocol as Protocol,
  }))
}

function parseRange(text: string, option: string): readonly number[] {
  const [, first = '', last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? []
  if (first === '') throw invalidArgument(option, `${quoted(text)} is no port and no range of ports`)
  const [low, high] = [port(Number(first), option), port(Number(last), option)]
  if (high < low) throw invalidArgument(option, `the range ${text} ends before it begins`)
  return Array.from({ length: high - low + 1 }, (_, index) => low + index)
}

function port(value: unknown, option: string): number {
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= largest) return value as number
  throw invalidArgument(option, `${quoted(value)} is no port: 1 to ${largest}`)
}

function hostAddress(value: unknown, option: string): string {
  const parsed = typeof value === 'string' ? parseIpAddress(value) : undefined
  if (!parsed) throw invalidArgument(option, `${quoted(value)} is not an address of the host`)
  return formatIpAddress(parsed)
}
