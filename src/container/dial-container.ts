// SPDX-License-Identifier: Apache-2.0
import type { Socket } from 'node:net'
import { EngineError } from '../errors/engine-error.js'
import { createSocket } from '../native/socket.js'
import { checkAddress, checkPort } from '../runtime/ready-options.js'
import { check, checkOptions, type Shape } from '../util/validate.js'
import { type CallOptions, callShape } from './call-options.js'
import { containerError } from './container-error.js'
import { exitedError } from './container-exited.js'
import { linkTo } from './container-link.js'
import { requireLegal } from './container-state.js'
import type { Subject } from './operate.js'

/** How to connect to a port inside a container. */
export interface DialOptions extends CallOptions {
  /** An IP address as the container sees it; by default its loopback: 127.0.0.1, and ::1 where nothing listens there. */
  readonly host?: string | undefined
  /** After that many milliseconds it is ERR_TIMEOUT; 10,000 by default. */
  readonly timeoutMs?: number | undefined
}

const shape: Shape<DialOptions> = {
  ...callShape,
  host: checkAddress,
  timeoutMs: check.integer({ min: 1, max: 2 ** 31 - 1 }),
}
const defaultTimeoutMs = 10_000

/**
 * A connection to a port in the network of a running container. ERR_DIAL_REFUSED with errno where nobody takes it,
 * ERR_TIMEOUT, ERR_CONTAINER_EXITED where the container ended meanwhile.
 */
export async function dialContainer(subject: Subject, port: number, options: DialOptions = {}): Promise<Socket> {
  checkPort(port, 'port')
  checkOptions(options, shape)
  const { context, container } = subject
  const { host, timeoutMs = defaultTimeoutMs, signal } = options
  signal?.throwIfAborted()
  requireLegal('dial', container)
  const connection = await linkTo(context, container)
  const args = { container: container.id, port, timeoutMs, ...(host !== undefined && { host }) }
  const failure = { doing: `connect to port ${port} of container '${container.name}'` }
  try {
    const { fds } = await connection.request('dial', args, { signal, failure })
    return createSocket(fds[0] as NonNullable<(typeof fds)[0]>)
  } catch (error) {
    const ended = EngineError.is(error) && error.step === 'dial' && error.errno === 'ESRCH' && container.exit
    throw ended
      ? await exitedError(subject, { exit: ended, when: `before port ${port} took the connection` })
      : containerError(error, 'dial', container.name)
  }
}
