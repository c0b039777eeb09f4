// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Certificate } from './certificates.js'

/** A request that arrived. */
export interface SeenCall {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly authorization: string | undefined
  readonly range: string | undefined
}

/** A server that says whatever the test wants: for registries that are hostile, or odd. A good one is docker-registry. */
export interface FakeRegistry {
  readonly host: string
  readonly port: number
  readonly origin: string
  readonly seen: SeenCall[]
  stop(): Promise<void>
}

export type FakeHandler = (request: IncomingMessage, answer: ServerResponse) => unknown

/** Starts one on loopback: plain http, or https with that certificate. */
export const startFakeRegistry = async (handler: FakeHandler, tls?: Certificate): Promise<FakeRegistry> => {
  const seen: SeenCall[] = []
  const listener = (request: IncomingMessage, answer: ServerResponse) => {
    const { method = '', url = '', headers } = request
    seen.push({ method, url, authorization: headers.authorization, range: headers.range })
    request.on('error', () => {})
    answer.on('error', () => {})
    void handler(request, answer)
  }
  const server = tls
    ? createServer({ cert: await readFile(tls.certificate), key: await readFile(tls.key) }, listener)
    : createPlainServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    host: `127.0.0.1:${port}`,
    port,
    origin: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    seen,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Answers with JSON. */
export const sendJson = (
  answer: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string | readonly string[]>> = {},
): void => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  answer.writeHead(status, { 'content-type': 'application/json', ...(headers as Record<string, string>) }).end(text)
}

/** Answers with an error as registries have it. */
export const sendError = (
  answer: ServerResponse,
  status: number,
  error: { readonly code: string; readonly message?: string },
  headers: Readonly<Record<string, string>> = {},
): void => sendJson(answer, status, { errors: [error] }, headers)
