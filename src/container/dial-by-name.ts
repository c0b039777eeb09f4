// SPDX-License-Identifier: Apache-2.0
import type { Socket } from 'node:net'
import type { ContainerContext } from './container-context.js'
import { dialContainer } from './dial-container.js'
import { findContainer } from './find-container.js'
import type { Subject } from './operate.js'

/** Connects to the port of whoever a URL names. */
export type Dialer = (hostname: string, port: number) => Promise<Socket>

/** Host names are names of containers, or ids; URLs have them in lower case. */
export function dialerByName(context: ContainerContext): Dialer {
  return async (hostname, port) => {
    const container = await findContainer(context, hostname)
    return await dialContainer({ context, container }, port)
  }
}

/** Whatever the host name is, it is this container. */
export function dialerOf(subject: Subject): Dialer {
  return (_hostname, port) => dialContainer(subject, port)
}
