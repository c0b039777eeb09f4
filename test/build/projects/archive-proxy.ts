// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Certificate } from '../../support/registry/certificates.js'

/** A proxy that is the one host that it can be asked for. */
export interface ArchiveProxy {
  /** For `https_proxy`. */
  readonly url: string
  close(): Promise<void>
}

/**
 * Serves files of an https host by way of a proxy on the loopback: programs in a build find it by the predefined build argument `https_proxy`,
 * with the addresses in their Dockerfile as they stand. CONNECT to any other host is refused.
 */
export const serveArchive = async (
  host: string,
  files: Readonly<Record<string, Buffer>>,
  { certificate, key }: Certificate,
): Promise<ArchiveProxy> => {
  const secure = createSecureServer(
    { cert: readFileSync(certificate), key: readFileSync(key) },
    (request, response) => {
      const file = files[request.url ?? '']
      response.writeHead(file === undefined ? 404 : 200, { 'Content-Type': 'application/x-gzip' })
      response.end(file)
    },
  )
  const sockets = new Set<Socket>()
  const proxy = createServer((_, response) => response.writeHead(403).end())
  proxy.on('connection', (socket: Socket) => sockets.add(socket))
  proxy.on('connect', (request, socket: Socket) => {
    if (request.url !== `${host}:443`) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
      return
    }
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    secure.emit('connection', socket)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}
