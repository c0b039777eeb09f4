// SPDX-License-Identifier: Apache-2.0
import { Agent, type AgentOptions, type ClientRequestArgs } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Dialer } from './dial-by-name.js'

/** Sends requests of `node:http` into containers; connections are kept for the next request, as by Node's own agent. */
export class DialHttpAgent extends Agent {
  readonly #dial: Dialer

  constructor(dial: Dialer, options: AgentOptions = {}) {
    super({ keepAlive: true, ...options })
    this.#dial = dial
  }

  override createConnection(
    { host, port }: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    this.#dial(host ?? 'localhost', Number(port ?? 80)).then(
      (socket) => callback?.(null, socket.setNoDelay(true)),
      // The types want a stream beside the error; Node does not look at it.
      (error) => callback?.(error, undefined as never),
    )
  }
}
