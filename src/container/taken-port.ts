// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { Connection } from '../native/connection.js'
import type { ContainerInfo } from '../native/messages.js'
import type { PortMessage } from '../native/network-messages.js'

const everywhere = new Set(['0.0.0.0', '::'])

/** The failure of a container that wanted these ports; where another container of the engine has the one that is taken, it says which. */
export async function withPortOwner(
  error: unknown,
  connection: Connection,
  wanted: readonly PortMessage[] = [],
): Promise<unknown> {
  if (!EngineError.is(error, 'ERR_PORT_IN_USE')) return error
  const asked = wanted.filter((port) => `${port.hostAddress} ${port.hostPort}` === error.object)
  const containers = await connection.request('list', {}).then(
    ({ result }) => result.containers,
    () => [],
  )
  const owner = containers.find((container) => asked.some((port) => has(container, port)))
  if (!owner) return error
  const { code, message, step, errno, object } = error
  return new EngineError({
    code,
    message: `${message}: container '${owner.name}' has it`,
    step,
    errno,
    object,
    hint: 'without a number a free one is taken',
    cause: error,
  })
}

// One that does not run keeps the number for its next start, and not the port.
function has({ state, ports = [] }: ContainerInfo, wanted: PortMessage): boolean {
  if (state === 'stopped') return false
  return ports.some(
    ({ hostAddress, hostPort, protocol }) =>
      hostPort === wanted.hostPort &&
      protocol === wanted.protocol &&
      (hostAddress === wanted.hostAddress || everywhere.has(hostAddress) || everywhere.has(wanted.hostAddress)),
  )
}
