// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startDockerRegistry } from '../../support/registry/docker-registry.js'

/** A request that went by. */
export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly status: number
  /** Of the answer's body, as far as it got. */
  readonly bytes: number
}

/** A real docker-registry, and somebody at the door who counts what goes by, and can make it go slowly. */
export interface WatchedRegistry {
  /** `127.0.0.1:port`. */
  readonly host: string
  readonly seen: SeenRequest[]
  /** Bytes a second of each blob that is downloaded; as fast as it goes without. */
  blobRate: number | undefined
  /** Changes what answers have in them, by path; null where it leaves them alone. */
  tamper: ((path: string) => ((body: Buffer) => Buffer) | null) | undefined
  /** Bytes of blobs that were handed out, and how many requests that took. */
  blobTraffic(): { readonly bytes: number; readonly requests: number }
  stop(): Promise<void>
}

/** Starts one with its data below the directory. */
export const startWatchedRegistry = async (directory: string): Promise<WatchedRegistry> => {
  const { port, stop } = await startDockerRegistry(directory)
  const seen: SeenRequest[] = []
  const server = createServer((incoming, answer) => forward(incoming, answer, port, registry))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const registry: WatchedRegistry = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    blobRate: undefined,
    tamper: undefined,
    blobTraffic: () => {
      const blobs = seen.filter(({ method, path }) => method === 'GET' && path.includes('/blobs/'))
      return { bytes: blobs.reduce((sum, { bytes }) => sum + bytes, 0), requests: blobs.length }
    },
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await stop()
    },
  }
  return registry
}

const changed = async (body: AsyncIterable<Buffer>, change: (body: Buffer) => Buffer): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(chunk)
  return change(Buffer.concat(chunks))
}

const forward = (incoming: IncomingMessage, answer: ServerResponse, port: number, registry: WatchedRegistry): void => {
  const { method = 'GET', url = '/', headers } = incoming
  const entry = { method, path: url, status: 0, bytes: 0 }
  registry.seen.push(entry)
  const onward = request({ host: '127.0.0.1', port, method, path: url, headers }, (response) => {
    entry.status = response.statusCode ?? 0
    answer.writeHead(entry.status, response.headers)
    response.on('error', () => answer.destroy())
    const change = method === 'GET' ? registry.tamper?.(url) : null
    if (change) return void changed(response, change).then((body) => answer.end(body))
    response.on('end', () => answer.end())
    response.on('data', (chunk: Buffer) => {
      entry.bytes += chunk.length
      const room = answer.write(chunk)
      const rate = method === 'GET' && url.includes('/blobs/') ? registry.blobRate : undefined
      if (rate !== undefined) {
        response.pause()
        setTimeout(() => response.resume(), (chunk.length / rate) * 1000)
      } else if (!room) {
        response.pause()
        answer.once('drain', () => response.resume())
      }
    })
  })
  onward.on('error', () => answer.destroy())
  answer.on('close', () => onward.destroy())
  incoming.pipe(onward)
}
