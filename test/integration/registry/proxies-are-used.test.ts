// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { makeAuthority, type TestAuthority } from '../../support/registry/certificates.js'
import { type DockerRegistry, startDockerRegistry } from '../../support/registry/docker-registry.js'
import { useRegistryFixture } from '../../support/registry/registry-fixture.js'

const fixture = useRegistryFixture()
const variables = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'ALL_PROXY',
] as const
const outside = new Map(variables.map((name) => [name, process.env[name]]))
let authority: TestAuthority
beforeAll(async () => {
  authority = await makeAuthority(join(fixture.directory, 'tls'))
})
const clear = () => {
  for (const name of variables) delete process.env[name]
}
beforeAll(clear)
afterEach(() => {
  clear()
  for (const [name, value] of outside) if (value !== undefined) process.env[name] = value
})

// Leads every host to one registry, and notes what it was asked.
const startProxy = async (port: number, refuse = 0) => {
  const seen: { what: string; authorization: string | undefined }[] = []
  const sockets = new Set<Socket>()
  const note = (request: IncomingMessage) =>
    seen.push({ what: `${request.method} ${request.url}`, authorization: request.headers['proxy-authorization'] })
  const server = createServer((incoming: IncomingMessage, answer: ServerResponse) => {
    note(incoming)
    const { pathname, search } = new URL(incoming.url ?? '/', 'http://none')
    const options = {
      port,
      host: '127.0.0.1',
      method: incoming.method,
      path: pathname + search,
      headers: incoming.headers,
    }
    incoming.pipe(
      httpRequest(options, (response) => {
        answer.writeHead(response.statusCode ?? 500, response.headers)
        response.pipe(answer)
      }),
    )
  })
  server.on('connect', (request, socket: Socket) => {
    note(request)
    sockets.add(socket)
    socket.on('error', () => {})
    if (refuse > 0) return void socket.end(`HTTP/1.1 ${refuse} No\r\n\r\n`)
    const inner = connect(port, '127.0.0.1', () => socket.write('HTTP/1.1 200 Connected\r\n\r\n'))
    inner.on('error', () => socket.destroy())
    sockets.add(inner)
    socket.pipe(inner).pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = async () => {
    for (const socket of sockets) socket.destroy()
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return await fixture.keep(Promise.resolve({ host, seen, stop }))
}
const startRegistry = async (name: string, secure: boolean): Promise<DockerRegistry> => {
  const tls = secure ? await authority.issue(name) : undefined
  return await fixture.keep(startDockerRegistry(join(fixture.directory, name), tls ? { tls } : {}))
}

describe('a proxy of the environment', () => {
  test('is asked for a tunnel to https, with its own credentials', async () => {
    const registry = await startRegistry('secure.test', true)
    const proxy = await startProxy(registry.port)
    process.env.HTTPS_PROXY = `http://me:pass%20word@${proxy.host}`
    await fixture.client({ 'secure.test': { ca: authority.pem } }).ping('secure.test')
    const authorization = `Basic ${Buffer.from('me:pass word').toString('base64')}`
    expect(proxy.seen).toEqual([{ what: 'CONNECT secure.test:443', authorization }])
  })

  test('is asked for the page itself on http, where http was allowed', async () => {
    const registry = await startRegistry('plain.test', false)
    const proxy = await startProxy(registry.port)
    process.env.HTTPS_PROXY = proxy.host
    process.env.http_proxy = `http://${proxy.host}`
    await fixture.client({ 'plain.test': { plainHttp: true } }).ping('plain.test')
    expect(proxy.seen.at(-1)?.what).toBe('GET http://plain.test/v2/')
  })

  test.each([407, 502])('that answers %i is an error, which does not show its credentials', async (status) => {
    const proxy = await startProxy(1, status)
    process.env.HTTPS_PROXY = `http://me:secret-of-proxy@${proxy.host}`
    const client = fixture.client({ 'secure.test': { timeoutMs: 1000 } })
    const error: Error = await client.ping('secure.test').then(
      () => new Error('none'),
      (reason) => reason,
    )
    expect(error).toMatchObject({ code: 'ERR_REGISTRY_UNREACHABLE' })
    expect(error.message + error.stack + String(error.cause)).not.toContain('secret-of-proxy')
  })

  test('that speaks SOCKS is refused, and the registry is not asked without it', async () => {
    const registry = await startRegistry('secure.test', true)
    process.env.ALL_PROXY = 'socks5://me:secret-of-proxy@127.0.0.1:1'
    const hosts = { 'secure.test': { ca: authority.pem } }
    const error = await fixture
      .client(hosts)
      .ping('secure.test')
      .catch((reason: Error) => reason)
    expect(error).toMatchObject({ code: 'ERR_UNSUPPORTED', message: expect.stringContaining('ALL_PROXY') })
    expect(JSON.stringify(error) + String(error)).not.toContain('secret-of-proxy')
    process.env.NO_PROXY = 'secure.test'
    const excluded = { 'secure.test': { ca: authority.pem, connectTo: registry.host } }
    await fixture.client(excluded).ping('secure.test')
  })

  test('is left out for hosts of NO_PROXY, and for loopback', async () => {
    const registry = await startRegistry('direct', false)
    const proxy = await startProxy(registry.port)
    process.env.HTTPS_PROXY = proxy.host
    process.env.HTTP_PROXY = proxy.host
    process.env.NO_PROXY = '.test'
    await fixture.client().ping(registry.host)
    await expect(fixture.client().ping('direct.test')).rejects.toMatchObject({ code: 'ERR_REGISTRY_HOST_UNKNOWN' })
    expect(proxy.seen).toEqual([])
  })
})
