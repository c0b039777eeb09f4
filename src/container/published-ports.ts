// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { PortMessage } from '../native/network-messages.js'
import type { Protocol } from '../network/port-spec.js'

/** A port of the host that leads to one of a container. */
export interface PublishedPort {
  /** The container's. */
  readonly container: number
  /** The host's. */
  readonly host: number
  /** Of the host; `0.0.0.0` and `::` are all it has. */
  readonly address: string
  /** What it is for. */
  readonly protocol: Protocol
}

export function publishedPorts(ports: readonly PortMessage[]): readonly PublishedPort[] {
  return ports.map(({ containerPort, hostPort, hostAddress, protocol }) => ({
    container: containerPort,
    host: hostPort,
    address: hostAddress,
    protocol,
  }))
}

/** The host's port for one of a container. ERR_PORT_NOT_PUBLISHED. */
export function hostPortOf(
  { name, ports }: { readonly name: string; readonly ports: readonly PublishedPort[] },
  container: number,
  protocol: Protocol,
): number {
  const found = ports.find((port) => port.container === container && port.protocol === protocol)
  if (found) return found.host
  const others = ports.map((port) => `${port.container}/${port.protocol}`).join(', ')
  throw new EngineError({
    code: 'ERR_PORT_NOT_PUBLISHED',
    message: `port ${container}/${protocol} of container '${name}' is not published`,
    object: `${container}/${protocol}`,
    hint: others
      ? `published are: ${others}`
      : `create the container with ports: [${container}], or use container.dial(${container})`,
  })
}
