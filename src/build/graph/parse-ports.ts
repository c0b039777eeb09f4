// SPDX-License-Identifier: Apache-2.0
import { isIP } from 'node:net'

/** What EXPOSE means by one of its words. */
export interface ParsedPorts {
  /** `80/tcp`. */
  readonly ports: readonly string[]
  /** Whether the protocol is not in lower case. */
  readonly isOddlyCased: boolean
  /** Whether an address or a port of the host is given, which is for whoever runs the image. */
  readonly hasHost: boolean
}

/** Reads `8080`, `8000-8010/udp` and, since Docker takes it, `address:port:port`. */
export function parsePorts(text: string): ParsedPorts | { readonly problem: string } {
  const parts = text.split(':')
  const last = parts.pop() ?? ''
  const hostPort = parts.pop() ?? ''
  const address = parts.join(':')
  const [range = '', protocol = ''] = last.split(/\/(.*)/s, 2)
  if (range === '') return { problem: `invalid port '${text}': no port specified` }
  if (!/^(?:|tcp|udp|sctp)$/i.test(protocol)) return { problem: `invalid port '${text}': invalid proto: ${protocol}` }
  if (address !== '' && isIP(address.replace(/^\[(.*)\]$/, '$1')) === 0)
    return { problem: `invalid IP address: ${address}` }
  const ports = parseRange(range)
  if (!ports) return { problem: `invalid containerPort: ${range}` }
  const host = hostPort === '' ? ports : parseRange(hostPort)
  if (!host) return { problem: `invalid hostPort: ${hostPort}` }
  const [from, to] = ports
  if (to - from !== host[1] - host[0] && to !== from) {
    return { problem: `invalid ranges specified for container and host Ports: ${range} and ${hostPort}` }
  }
  const suffix = `/${protocol.toLowerCase() || 'tcp'}`
  return {
    ports: Array.from({ length: to - from + 1 }, (_, index) => `${from + index}${suffix}`),
    isOddlyCased: protocol !== protocol.toLowerCase(),
    hasHost: address !== '' || hostPort !== '',
  }
}

function parseRange(text: string): readonly [number, number] | null {
  const [, from, to] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(text) ?? []
  if (from === undefined) return null
  const range = [Number(from), Number(to ?? from)] as const
  return range[0] <= range[1] && range[1] <= 65_535 ? range : null
}
