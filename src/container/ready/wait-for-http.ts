// SPDX-License-Identifier: Apache-2.0
import { request } from 'node:http'
import type { Socket } from 'node:net'
import { type ConnectionOptions, connect } from 'node:tls'
import { printable } from '../../errors/printable.js'
import type { ReadyHttpOptions } from '../../runtime/ready-options.js'
import { onAbort } from '../../util/abort.js'
import { attempts, type Wait } from './wait.js'
import { tryToDial } from './wait-for-port.js'

const answerMs = 5000

export async function waitForHttp(wait: Wait, path: string, options: ReadyHttpOptions): Promise<void> {
  await attempts(wait, async () => {
    const socket = await tryToDial(wait, options.port, options)
    if (typeof socket === 'string') return socket
    // Told by the request; below TLS nobody else listens.
    socket.on('error', () => {})
    const answer = await ask(socket, path, { ...options, signal: wait.signal }).catch((error: Error) => error)
    socket.destroy()
    wait.signal.throwIfAborted()
    if (answer instanceof Error) return printable(answer.message)
    return isWanted(answer, options.status) ? undefined : `status ${answer}`
  })
}

function isWanted(status: number, wanted: ReadyHttpOptions['status']): boolean {
  if (wanted === undefined) return status >= 200 && status < 400
  if (typeof wanted === 'function') return wanted(status)
  return typeof wanted === 'number' ? status === wanted : wanted.includes(status)
}

// The status alone: what follows it is not read.
function ask(
  socket: Socket,
  path: string,
  { port, method = 'GET', headers, tls, signal }: ReadyHttpOptions & { readonly signal: AbortSignal },
): Promise<number> {
  return new Promise((resolve, reject) => {
    const stream = tls ? overTls(socket, tls) : socket
    const asked = request({
      path,
      method,
      headers: { ...headers },
      host: 'localhost',
      port,
      createConnection: () => stream,
    })
    const timer = setTimeout(() => asked.destroy(new Error(`no answer within ${answerMs} ms`)), answerMs)
    const stopListening = onAbort(signal, () => asked.destroy())
    asked.on('response', (response) => {
      resolve(response.statusCode ?? 0)
      response.destroy()
    })
    // Also of the answer's rest, when all is said.
    asked.on('error', reject)
    asked.on('close', () => {
      clearTimeout(timer)
      stopListening()
      reject(new Error('no answer'))
    })
    asked.end()
  })
}

function overTls(socket: Socket, tls: ReadyHttpOptions['tls']) {
  const expected = typeof tls === 'object' ? tls : {}
  return connect({ servername: 'localhost', ...expected, socket } as ConnectionOptions)
}
