// SPDX-License-Identifier: Apache-2.0
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { abandonable, onAbort } from '../util/abort.js'
import type { AddressGuard } from './address-guard.js'
import type { Answer } from './answer.js'
import { connectionFailure } from './connection-failure.js'
import { stalled } from './registry-failure.js'
import type { Transport } from './transport.js'

/** A body that can be sent once more for another try. */
export interface RequestBody {
  readonly size: number
  /** Its bytes from the beginning. */
  open(): AsyncIterable<Uint8Array>
}

/** One request to one URL. */
export interface Exchange {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: RequestBody | undefined
  readonly guard?: AddressGuard | undefined
  readonly signal: AbortSignal | undefined
}

const defaultTimeoutMs = 30_000

/** Sends it and waits for the head of the answer. A connection that fails is an EngineError; an abort its reason. */
export async function exchange(transport: Transport, request: Exchange): Promise<Answer> {
  const { url, signal } = request
  signal?.throwIfAborted()
  const timeoutMs = transport.settings.of(url.host).timeoutMs ?? defaultTimeoutMs
  const stop = new AbortController()
  const stopListening = onAbort(signal, (reason) => stop.abort(reason))
  const timer = setTimeout(() => stop.abort(stalled(url.host, timeoutMs)), timeoutMs)
  try {
    request.guard?.check(url.hostname)
    const dispatcher = await transport.dispatcher(url, request.guard)
    const answered = dispatcher.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: request.method,
      headers: { 'user-agent': 'tscontainer', ...request.headers, ...lengthOf(request) },
      body: request.body ? (paced(request.body, timer) as unknown as Readable) : null,
      signal: stop.signal,
    })
    const { statusCode, headers, body } = await orAbandoned(answered, stop.signal)
    body.once('close', stopListening)
    return { status: statusCode, url, redirected: false, headers, body, timeoutMs, signal }
  } catch (error) {
    stopListening()
    signal?.throwIfAborted()
    throw connectionFailure(stop.signal.aborted ? stop.signal.reason : transport.alerts.behind(error), url.host)
  } finally {
    clearTimeout(timer)
  }
}

function lengthOf({ method, body }: Exchange): Readonly<Record<string, string>> {
  if (body) return { 'content-length': String(body.size) }
  return method === 'POST' || method === 'PUT' || method === 'PATCH' ? { 'content-length': '0' } : {}
}

// The answer comes after the body: as long as that gets on, there is nothing to complain about.
async function* paced(body: RequestBody, timer: NodeJS.Timeout): AsyncGenerator<Uint8Array> {
  for await (const chunk of body.open()) {
    yield chunk
    timer.refresh()
  }
}

// undici looks at the signal only once it is connected: a server that lets connections hang would be waited for all the same.
async function orAbandoned(
  answered: Promise<Dispatcher.ResponseData>,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  try {
    return await abandonable(answered, signal)
  } catch (error) {
    answered.then(({ body }) => body.on('error', () => {}).destroy()).catch(() => {})
    throw error
  }
}
