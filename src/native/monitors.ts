// SPDX-License-Identifier: Apache-2.0
import type { Connection } from './connection.js'
import type { EventMessage } from './messages.js'
import { openMonitor } from './supervisor.js'

/** The connections of this engine with monitors of detached containers: one with each. */
export class Monitors {
  readonly #onEvent: (event: EventMessage) => void
  readonly #open = new Map<string, Connection>()
  readonly #opening = new Map<string, Promise<Connection>>()
  #closed = false

  constructor(onEvent: (event: EventMessage) => void) {
    this.#onEvent = onEvent
  }

  /** The one with the monitor at that socket, made if there is none. ERR_SUPERVISOR_LOST: it has left. */
  async connect(socket: string): Promise<Connection> {
    const open = this.#open.get(socket)
    if (open && !open.closed) return open
    const opening = this.#opening.get(socket) ?? this.#connect(socket).finally(() => this.#opening.delete(socket))
    this.#opening.set(socket, opening)
    return await opening
  }

  /** Ends them all; what is just being connected ends as soon as it is. */
  close(): void {
    this.#closed = true
    for (const connection of this.#open.values()) connection.close()
    this.#open.clear()
  }

  async #connect(socket: string): Promise<Connection> {
    const { connection } = await openMonitor(socket, { events: {}, onEvent: this.#onEvent })
    for (const [path, { closed }] of this.#open) if (closed) this.#open.delete(path)
    if (this.#closed) connection.close()
    else this.#open.set(socket, connection)
    return connection
  }
}
