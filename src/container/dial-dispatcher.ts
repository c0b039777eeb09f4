// SPDX-License-Identifier: Apache-2.0
import type { Socket } from 'node:net'
import type { buildConnector, Dispatcher } from 'undici'
import { type TlsExpectations, tlsShape } from '../runtime/ready-options.js'
import { check, type Shape } from '../util/validate.js'
import type { Dialer } from './dial-by-name.js'

/** How to send requests into containers. */
export interface DispatcherOptions {
  /** For `https:`. */
  readonly tls?: TlsExpectations | undefined
}

export const dispatcherShape: Shape<DispatcherOptions> = { tls: check.object(tlsShape) }

/**
 * What `fetch` takes as its `dispatcher`. It is one of undici 6, whose own types may differ from those that Node's have. Where the types of
 * browsers are loaded (`lib: dom`), those of `fetch` know no dispatcher: import `fetch` from undici there.
 */
export type FetchDispatcher =
  Required<RequestInit> extends {
    /** Where a request goes. */
    readonly dispatcher: infer D
  }
    ? NonNullable<D>
    : Dispatcher

/** A dispatcher of undici, and with that of `fetch`, whose connections go into containers. Loaded when it is asked for. */
export async function dialDispatcher(dial: Dialer, { tls }: DispatcherOptions = {}): Promise<FetchDispatcher> {
  const { Agent, buildConnector: build } = await import('undici')
  const overTls = build((tls ?? {}) as buildConnector.BuildOptions)
  const connect: buildConnector.connector = (options, callback) => {
    const secure = options.protocol === 'https:'
    const connected = (socket: Socket) => {
      socket.setNoDelay(true)
      if (secure) overTls({ ...options, httpSocket: socket }, callback)
      else callback(null, socket)
    }
    dial(options.hostname, Number(options.port) || (secure ? 443 : 80)).then(connected, (error) =>
      callback(error, null),
    )
  }
  return new Agent({ connect }) as unknown as FetchDispatcher
}
