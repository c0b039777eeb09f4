// SPDX-License-Identifier: Apache-2.0

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { type FakeHandler, sendError, sendJson, startFakeRegistry } from '../../support/registry/fake-registry.js'
import { download, makeBlob, useRegistryFixture } from '../../support/registry/registry-fixture.js'
import { slow } from '../../support/slow.js'

const fixture = useRegistryFixture()
const timeoutMs = 150 * slow
const start = async (handler: FakeHandler) => {
  const registry = await fixture.keep(startFakeRegistry(handler))
  return {
    registry,
    client: fixture.client({ [registry.host]: { timeoutMs } }),
    ref: { host: registry.host, repository: 'a/b' },
  }
}
const raw = async (onSocket: (socket: Socket) => void) => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onSocket(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
  return await fixture.keep(Promise.resolve({ host: `127.0.0.1:${(server.address() as AddressInfo).port}`, stop }))
}

describe('a registry that keeps us waiting is given up', () => {
  test('when it takes the connection and says nothing', async () => {
    const { host } = await raw(() => {})
    const client = fixture.client({ [host]: { timeoutMs } })
    await expect(client.manifest({ host, repository: 'a/b' }, 'v1')).rejects.toMatchObject({
      code: 'ERR_REGISTRY_UNREACHABLE',
    })
  })

  test('when it sends the head of its answer byte by byte', async () => {
    const { host } = await raw((socket) => {
      socket.once('data', (data) => {
        // TLS comes first, and is answered in plain words.
        if (data[0] === 0x16) return void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
        const head = `HTTP/1.1 200 OK\r\nx-${'a'.repeat(10_000)}: `
        let at = 0
        const timer = setInterval(() => socket.write(head[at++] ?? 'x'), 20)
        socket.once('close', () => clearInterval(timer))
      })
    })
    const client = fixture.client({ [host]: { timeoutMs } })
    await expect(client.manifest({ host, repository: 'a/b' }, 'v1')).rejects.toMatchObject({
      code: 'ERR_REGISTRY_UNREACHABLE',
    })
  })

  test('when its document comes byte by byte', async () => {
    const { client, ref } = await start((_, answer) => {
      answer.writeHead(200)
      const timer = setInterval(() => answer.write(' '), 20)
      answer.once('close', () => clearInterval(timer))
    })
    await expect(client.manifest(ref, 'v1')).rejects.toMatchObject({ code: 'ERR_REGISTRY_UNREACHABLE' })
  })

  test('when a blob stops at 99 %, after as many tries as make sense; what came is kept', async () => {
    const { bytes, descriptor } = makeBlob(1_000_000)
    const { client, ref, registry } = await start((request, answer) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
      const headers = { 'content-range': `bytes ${from}-999999/1000000` }
      answer.writeHead(from > 0 ? 206 : 200, from > 0 ? headers : {}).write(bytes.subarray(from, 990_000))
    })
    const got = await download(client, ref, { blob: descriptor, directory: fixture.directory })
    expect(got.error).toMatchObject({ code: 'ERR_REGISTRY_UNREACHABLE' })
    expect(got.bytes.equals(bytes.subarray(0, 990_000))).toBe(true)
    expect(registry.seen.length).toBeGreaterThan(1)
    expect(registry.seen.length).toBeLessThan(10)
  })

  test('but not when a transfer breaks and can go on', async () => {
    const { bytes, descriptor } = makeBlob(1_000_000)
    let tries = 0
    const { client, ref } = await start((request, answer) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
      const headers = { 'content-range': `bytes ${from}-999999/1000000` }
      answer.writeHead(from > 0 ? 206 : 200, from > 0 ? headers : {})
      if (++tries > 3) answer.end(bytes.subarray(from))
      else answer.write(bytes.subarray(from, from + 200_000), () => answer.destroy())
    })
    const got = await download(client, ref, { blob: descriptor, directory: fixture.directory })
    expect(got).toMatchObject({ error: undefined, restarts: 0, told: 1_000_000 })
    expect(got.bytes.equals(bytes)).toBe(true)
  })
})

describe('a registry that is asked too often', () => {
  test.each(['0.3', 'a date'])('is asked again after Retry-After: %s, also without JSON', async (kind) => {
    const after = kind === 'a date' ? new Date(Date.now() + 1000).toUTCString() : kind
    let calls = 0
    const { client, ref } = await start((_, answer) =>
      calls++ === 0
        ? answer.writeHead(429, { 'retry-after': after }).end('<h1>slow down</h1>')
        : sendJson(answer, 200, { tags: ['v1'] }),
    )
    const started = performance.now()
    for await (const tag of client.tags(ref)) expect(tag).toBe('v1')
    expect(calls).toBe(2)
    if (kind === '0.3') expect(performance.now() - started).toBeGreaterThanOrEqual(295)
  })

  test('is not asked again when it wants more patience than we have', async () => {
    const { client, ref, registry } = await start((_, answer) =>
      sendError(answer, 429, { code: 'TOOMANYREQUESTS', message: 'pull rate limit' }, { 'retry-after': '21600' }),
    )
    await expect(client.manifest(ref, 'v1')).rejects.toMatchObject({
      code: 'ERR_REGISTRY_RATE_LIMITED',
      message: expect.stringContaining('pull rate limit'),
    })
    expect(registry.seen.length).toBe(1)
  })
})

test('an abort ends the wait at once', async () => {
  const { ref } = await start(() => {})
  const client = fixture.client()
  const stop = new AbortController()
  setTimeout(() => stop.abort(new Error('enough')), 50)
  await expect(client.manifest(ref, 'v1', { signal: stop.signal })).rejects.toThrow('enough')
})
