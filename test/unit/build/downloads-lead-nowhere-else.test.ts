// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebFiles, type WebReach } from '../../../src/build/context/web-files.js'

let server: Server
let origin: string
let answer: (request: IncomingMessage, response: ServerResponse) => void
const seen: string[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(`${request.url}`)
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const download = async (
  url: string,
  reach: WebReach = { hostNetwork: true },
  signal = new AbortController().signal,
) => {
  const web = new WebFiles(reach)
  try {
    const { chunks, modified } = await web.get(url, signal)
    const parts: Uint8Array[] = []
    for await (const chunk of chunks) parts.push(chunk)
    return { content: Buffer.concat(parts), modified }
  } finally {
    await web.close()
  }
}
const moved = (location: string) => (_: IncomingMessage, response: ServerResponse) => {
  response.writeHead(302, { location }).end()
}

test.each([
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0x7f.1',
  'localhost',
  'x.localhost',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '0.0.0.0',
  '169.254.169.254',
  'metadata.google.internal',
  '[fe80::1]',
  '[fd00:ec2::254]',
])('nothing is asked at %s', async (host) => {
  seen.length = 0
  const url = `http://${host}:${new URL(origin).port}/x`
  await expect(download(url, { hostNetwork: false })).rejects.toMatchObject({
    code: 'ERR_ADD_FAILED',
    object: url,
    hint: expect.stringContaining("network: 'host'"),
  })
  expect(seen).toEqual([])
})

test.each([
  'file:///etc/passwd',
  'ftp://example.org/x',
  'http://169.254.169.254/latest/meta-data/',
  'http://[fe80::1]/',
  'http://user:password@example.org/',
  'gopher://example.org/',
])('nothing leads to %s', async (location) => {
  answer = moved(location)
  await expect(download(`${origin}/x`)).rejects.toMatchObject({ code: 'ERR_ADD_FAILED' })
})

test('redirects end', async () => {
  seen.length = 0
  answer = ({ url }, response) => response.writeHead(302, { location: `${url}x` }).end()
  await expect(download(`${origin}/x`)).rejects.toMatchObject({ code: 'ERR_ADD_FAILED' })
  expect(seen.length).toBeLessThan(10)
})

test('a body without end is cut off', async () => {
  let closed = false
  answer = (request, response) => {
    request.on('close', () => {
      closed = true
    })
    const chunk = Buffer.alloc(65_536)
    const go = () => {
      while (!closed && response.write(chunk));
      if (!closed) response.once('drain', go)
    }
    go()
  }
  const reach = { hostNetwork: true, maxBytes: 1_000_000 }
  await expect(download(`${origin}/x`, reach)).rejects.toMatchObject({
    code: 'ERR_ADD_FAILED',
    message: expect.stringContaining('more than 1000000 bytes'),
  })
  await expect.poll(() => closed).toBe(true)
})

test('what is said to be compressed is not unpacked on the way', async () => {
  const bomb = gzipSync(Buffer.alloc(1_000_000))
  answer = (request, response) => {
    expect(request.headers['accept-encoding']).toBe('identity')
    response.writeHead(200, { 'content-encoding': 'gzip', 'last-modified': 'Sun, 09 Sep 2001 01:46:40 GMT' }).end(bomb)
  }
  const { content, modified } = await download(`${origin}/x.gz`)
  expect(content.equals(bomb)).toBe(true)
  expect(modified).toBe(1_000_000_000)
})

test('a redirect elsewhere gets no credentials of the address', async () => {
  const elsewhere: (string | undefined)[] = []
  const other = createServer(({ headers }, response) => {
    elsewhere.push(headers.authorization)
    response.end('there')
  }).listen(0, '127.0.0.1')
  await once(other, 'listening')
  const own: (string | undefined)[] = []
  answer = ({ headers }, response) => {
    own.push(headers.authorization)
    response.writeHead(302, { location: `http://127.0.0.1:${(other.address() as AddressInfo).port}/` }).end()
  }
  const { content } = await download(origin.replace('http://', 'http://me:p%40ss@'))
  other.closeAllConnections()
  other.close()
  expect(content.toString()).toBe('there')
  expect(own).toEqual([`Basic ${Buffer.from('me:p@ss').toString('base64')}`])
  expect(elsewhere).toEqual([undefined])
})

test('an abort ends it with its reason', async () => {
  const controller = new AbortController()
  answer = (_, response) => {
    response.write('begun')
    setTimeout(() => controller.abort(new Error('enough')), 20)
  }
  await expect(download(`${origin}/x`, { hostNetwork: true }, controller.signal)).rejects.toThrow('enough')
})

test.each([404, 500, 304])('an answer %d is told', async (status) => {
  answer = (_, response) => response.writeHead(status).end()
  await expect(download(`${origin}/x`)).rejects.toMatchObject({
    code: 'ERR_ADD_FAILED',
    message: expect.stringContaining(`answered ${status}`),
  })
})
