// SPDX-License-Identifier: Apache-2.0
import type { Socket } from 'node:net'

/**
 * Remembers what TLS said when a connection ended. With TLS 1.3 a server refuses our certificate only after the handshake: all that a
 * request is told is that the other side closed.
 */
export class TlsAlerts {
  readonly #byPort = new Map<number, Error>()

  watch(socket: Socket): void {
    const port = socket.localPort
    // `_tlsError` comes before Node decides whether anybody is told by `error`.
    for (const event of ['_tlsError', 'error'])
      socket.on(event, (error: NodeJS.ErrnoException) => {
        if (port !== undefined && error.code?.startsWith('ERR_SSL_')) this.#keep(port, error)
      })
  }

  /** The alert behind a failed request, else its own error. */
  behind(error: unknown): unknown {
    const socket: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'socket') : undefined
    const port: unknown = typeof socket === 'object' && socket !== null ? Reflect.get(socket, 'localPort') : undefined
    return (typeof port === 'number' && this.#byPort.get(port)) || error
  }

  #keep(port: number, error: Error): void {
    this.#byPort.delete(port)
    this.#byPort.set(port, error)
    const [oldest] = this.#byPort.keys()
    if (this.#byPort.size > 64 && oldest !== undefined) this.#byPort.delete(oldest)
  }
}
