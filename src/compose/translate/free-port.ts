// SPDX-License-Identifier: Apache-2.0
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, isIPv6 } from 'node:net'
import { Container, type Engine, type Protocol } from 'tscontainer'

/** Ports of the host, of which one is wanted. */
export interface PortRange {
  readonly first: number
  readonly last: number
  readonly protocol: Protocol
  readonly addresses: readonly string[]
}

/** The first port of the range that no container publishes and nobody listens on; none. Whoever comes first has it. */
export async function freePort(engine: Engine, range: PortRange): Promise<number | undefined> {
  const containers = await Container.list({ engine, all: true })
  const published = new Set(
    containers.flatMap(({ ports }) =>
      ports.filter(({ protocol }) => protocol === range.protocol).map(({ host }) => host),
    ),
  )
  for (let port = range.first; port <= range.last; port++) {
    if (published.has(port)) continue
    const free = await Promise.all(range.addresses.map((address) => isFree(port, address, range.protocol)))
    if (free.every(Boolean)) return port
  }
  return undefined
}

// Who may not listen there, as without root below 1024, is told by the engine.
async function isFree(port: number, address: string, protocol: Protocol): Promise<boolean> {
  if (protocol === 'sctp') return true
  try {
    if (protocol === 'udp') {
      const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', ipv6Only: isIPv6(address) })
      const bound = once(socket, 'listening')
      socket.bind(port, address)
      await bound.finally(() => socket.close())
    } else {
      const server = createServer()
      const listening = once(server, 'listening')
      server.listen({ port, host: address, ipv6Only: isIPv6(address) })
      await listening.finally(() => server.close())
    }
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EADDRINUSE'
  }
}
