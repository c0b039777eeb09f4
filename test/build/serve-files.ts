// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ServedFile } from './build-case.js'

export interface FileServer {
  /** Host and port. */
  readonly address: string
  close(): Promise<void>
}

/** Serves files by HTTP on the loopback; anything else is a 404. */
export const serveFiles = async (files: Readonly<Record<string, ServedFile>>): Promise<FileServer> => {
  const server = createServer((request, response) => {
    const file = files[request.url ?? '']
    response.writeHead(file === undefined ? 404 : (file.status ?? 200), file?.headers)
    response.end(request.method === 'HEAD' ? '' : file?.content)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
