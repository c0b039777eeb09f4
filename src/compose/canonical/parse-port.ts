// SPDX-License-Identifier: Apache-2.0
import { isIP } from 'node:net'
import { makeMap, type TreeMap } from '../document/tree.js'

interface Range {
  readonly first: number
  readonly last: number
}

/**
 * The published ports of a short form `[[address:]published:]container[/protocol]`, one for each container port; a range of published ports
 * over a single one of the container stays a range, of which a free one is taken. Throws an Error with a phrase.
 */
export function parsePort(spec: string): readonly TreeMap[] {
  if (spec === '') throw new Error('No port specified: <empty>')
  const { address, published, container, protocol } = split(spec)
  const target = range(container, 'containerPort')
  const host = published === '' ? undefined : range(published, 'hostPort')
  if (!/^(?:tcp|udp|sctp)$/.test(protocol)) throw new Error(`Invalid proto: ${protocol}`)
  const count = target.last - target.first + 1
  if (host !== undefined && host.last - host.first + 1 !== count && count > 1) {
    throw new Error(`Invalid ranges specified for container and host Ports: ${container} and ${published}`)
  }
  return Array.from({ length: count }, (_, index) => {
    const port = makeMap([['mode', 'ingress']])
    if (address !== '') port.host_ip = address
    port.target = target.first + index
    if (host !== undefined) port.published = count === 1 ? rangeText(host) : String(host.first + index)
    port.protocol = protocol
    return port
  })
}

interface Parts {
  readonly address: string
  readonly published: string
  readonly container: string
  readonly protocol: string
}

function split(spec: string): Parts {
  const [ports = '', protocol, ...more] = spec.split('/')
  if (more.length > 0) throw new Error(`Invalid port: ${spec}`)
  const bracket = /^\[([^\]]*)\]:(.*)$/.exec(ports)
  const parts = (bracket?.[2] ?? ports).split(':')
  const container = parts.pop() ?? ''
  const published = parts.pop() ?? ''
  const address = bracket?.[1] ?? parts.join(':')
  if (bracket !== null && parts.length > 0) throw new Error(`Invalid port: ${spec}`)
  if (address !== '' && isIP(address) === 0) throw new Error(`Invalid ip address: ${address}`)
  return { address, published, container, protocol: (protocol || 'tcp').toLowerCase() }
}

function range(text: string, what: string): Range {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text)
  const first = Number(match?.[1])
  const last = Number(match?.[2] ?? match?.[1])
  if (match === null || last > 65_535 || first > last) throw new Error(`Invalid ${what}: ${text}`)
  return { first, last }
}

const rangeText = ({ first, last }: Range): string => (first === last ? String(first) : `${first}-${last}`)
