// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { get, type RequestOptions } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Container, EngineError, type FetchDispatcher, Ready } from '../../../src/index.js'
import { insideServers } from '../../support/inside-servers.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
let web: Container
let other: Container

beforeAll(async () => {
  const run = (name: string, port: number) =>
    host.run({ name, command: insideServers.http({ name, port }), ready: Ready.http('/', { port }) })
  web = await run('web', 8080)
  other = await run('other-1', 80)
})
afterAll(async () => {
  await web.remove({ force: true })
  await other.remove({ force: true })
})

const fetchText = async (url: string, dispatcher: FetchDispatcher): Promise<string> =>
  await (await fetch(url, { dispatcher })).text()

test('fetch finds containers by their names', async () => {
  const dispatcher = await host.engine.dispatcher()
  try {
    expect(await fetchText('http://web:8080/a?b=c', dispatcher)).toBe('web /a?b=c')
    expect(await fetchText('http://other-1/', dispatcher)).toBe('other-1 /')
    const many = await Promise.all(
      Array.from({ length: 40 }, (_, index) => fetchText(`http://web:8080/${index}`, dispatcher)),
    )
    expect(many).toEqual(Array.from({ length: 40 }, (_, index) => `web /${index}`))
  } finally {
    await dispatcher.close()
  }
})

test('a name that nobody has, and a port that nobody listens on, are the cause of the failure', async () => {
  const dispatcher = await host.engine.dispatcher()
  const cause = async (url: string): Promise<unknown> => {
    const error: unknown = await fetchText(url, dispatcher).catch((reason: unknown) => reason)
    return error instanceof Error ? error.cause : error
  }
  expect(await cause('http://nobody:8080/')).toMatchObject({ code: 'ERR_CONTAINER_NOT_FOUND' })
  expect(await cause('http://web:8081/')).toMatchObject({ code: 'ERR_DIAL_REFUSED' })
  await dispatcher.close()
})

test('one container answers to all names of its own dispatcher', async () => {
  const dispatcher = await web.dispatcher()
  expect(await fetchText('http://localhost:8080/x', dispatcher)).toBe('web /x')
  await dispatcher.close()
})

test('an agent does the same for requests of node:http, and keeps connections for the next one', async () => {
  const agent = host.engine.httpAgent()
  const ask = async (options: RequestOptions) => {
    const request = get({ agent, ...options })
    const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
      request.on('response', resolve).on('error', reject)
    })
    return { said: await text(response), reused: request.reusedSocket }
  }
  expect(await ask({ host: 'web', port: 8080, path: '/1' })).toEqual({ said: 'web /1', reused: false })
  expect(await ask({ host: 'web', port: 8080, path: '/2' })).toEqual({ said: 'web /2', reused: true })
  const error: unknown = await ask({ host: 'nobody', port: 1, path: '/' }).catch((reason: unknown) => reason)
  expect(EngineError.is(error, 'ERR_CONTAINER_NOT_FOUND')).toBe(true)
  agent.destroy()
  const own = web.httpAgent({ keepAlive: false })
  expect(await ask({ agent: own, host: 'anything', port: 8080, path: '/3' })).toEqual({ said: 'web /3', reused: false })
})

test('https is spoken end to end: the certificate is checked against the name, and readiness waits for it', async () => {
  const certificate = join(host.directory, 'certificate.pem')
  const key = join(host.directory, 'key.pem')
  const subject = ['-subj', '/CN=secure', '-addext', 'subjectAltName=DNS:secure']
  const make = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  await promisify(execFile)('openssl', [...make, ...subject, '-keyout', key, '-out', certificate])
  const { readFile, chmod } = await import('node:fs/promises')
  await chmod(key, 0o644)
  const ca = await readFile(certificate)
  const bind = (source: string, target: string) => ({ type: 'bind', source, target, readonly: true }) as const
  const secure = await host.run({
    name: 'secure',
    command: ['openssl', 's_server', '-accept', '8443', '-cert', '/c.pem', '-key', '/k.pem', '-www', '-quiet'],
    mounts: [bind(certificate, '/c.pem'), bind(key, '/k.pem')],
    ready: Ready.http('/', { port: 8443, tls: { ca, servername: 'secure' }, timeoutMs: 30_000 }),
  })
  const trusting = await host.engine.dispatcher({ tls: { ca } })
  const wary = await host.engine.dispatcher()
  try {
    expect(await fetchText('https://secure:8443/', trusting)).toContain('s_server')
    const error: unknown = await fetchText('https://secure:8443/', wary).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } })
  } finally {
    await trusting.close()
    await wary.close()
    await secure.remove({ force: true })
  }
})
