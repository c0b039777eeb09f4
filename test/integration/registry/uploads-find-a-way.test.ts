// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { digestOf } from '../../../src/oci/digest.js'
import { sendError, startFakeRegistry } from '../../support/registry/fake-registry.js'
import { makeBlob, openable, useRegistryFixture } from '../../support/registry/registry-fixture.js'

const fixture = useRegistryFixture()
const { bytes, descriptor } = makeBlob(1_000_000)

/** What is odd about a registry's uploads. */
interface Oddity {
  readonly minChunk?: number
  /** Called for each PATCH with how many came before; true: it has answered (or not) by itself. */
  readonly onPatch?: (request: IncomingMessage, answer: ServerResponse, count: number) => boolean
  readonly onPut?: (request: IncomingMessage, answer: ServerResponse, count: number) => boolean
}

// Takes uploads as the specification has them; each answer names a new Location, and the old ones are void.
const start = async ({ minChunk, onPatch, onPut }: Oddity) => {
  let stored = Buffer.alloc(0)
  let serial = 0
  const count = { PATCH: 0, PUT: 0, POST: 0 }
  const chunks: string[] = []
  const registry = await fixture.keep(
    startFakeRegistry(async (request, answer) => {
      const url = new URL(request.url ?? '/', 'http://none')
      const method = request.method as 'PATCH' | 'PUT' | 'POST' | 'GET'
      const next = () => ({
        location: `/upload/${++serial}?state=${serial}`,
        range: `0-${Math.max(stored.length - 1, 0)}`,
      })
      if (method === 'POST') {
        count.POST++
        stored = Buffer.alloc(0)
        return answer.writeHead(202, { ...next(), ...(minChunk && { 'oci-chunk-min-length': minChunk }) }).end()
      }
      if (url.searchParams.get('state') !== String(serial))
        return sendError(answer, 404, { code: 'BLOB_UPLOAD_UNKNOWN' })
      if (method === 'GET') return answer.writeHead(204, next()).end()
      const before = count[method]++
      if (method === 'PATCH' && onPatch?.(request, answer, before)) return undefined
      if (method === 'PUT' && onPut?.(request, answer, before)) return undefined
      const range = request.headers['content-range']
      if (range !== undefined) chunks.push(range)
      const wanted = range === undefined ? stored.length : Number(range.split('-')[0])
      if (wanted !== stored.length) return answer.writeHead(416, next()).end()
      const body: Buffer[] = []
      try {
        for await (const chunk of request) body.push(chunk as Buffer)
      } catch {
        stored = Buffer.concat([stored, ...body])
        return undefined
      }
      stored = Buffer.concat([stored, ...body])
      if (method === 'PATCH') return answer.writeHead(202, next()).end()
      const good = digestOf(stored) === url.searchParams.get('digest')
      return good ? answer.writeHead(201).end() : sendError(answer, 400, { code: 'DIGEST_INVALID' })
    }),
  )
  const upload = async (uploadChunkSize: number | string) => {
    let told = 0
    const client = fixture.client({ [registry.host]: { uploadChunkSize } })
    const onBytes = (more: number) => {
      told += more
    }
    await client.uploadBlob(
      { host: registry.host, repository: 'a/b' },
      descriptor,
      await openable(fixture.directory, bytes),
      { onBytes },
    )
    return told
  }
  return { upload, count, chunks, stored: () => stored }
}

test('a small blob goes in one PUT', async () => {
  const { upload, count, stored } = await start({})
  expect(await upload('2m')).toBe(bytes.byteLength)
  expect(count).toEqual({ POST: 1, PATCH: 0, PUT: 1 })
  expect(stored().equals(bytes)).toBe(true)
})

test('chunks are at least as large as the registry wants', async () => {
  const { upload, chunks, stored } = await start({ minChunk: 400_000 })
  expect(await upload('100k')).toBe(bytes.byteLength)
  expect(chunks).toEqual(['0-399999', '400000-799999', '800000-999999'])
  expect(stored().equals(bytes)).toBe(true)
})

test('a chunk that breaks goes on from what has arrived', async () => {
  const onPatch = (request: IncomingMessage, _: ServerResponse, count: number) => {
    if (count === 1) setTimeout(() => request.socket.destroy(), 20)
    return false
  }
  const { upload, count, stored } = await start({ onPatch })
  expect(await upload('300k')).toBe(bytes.byteLength)
  expect(count.POST).toBe(1)
  expect(stored().equals(bytes)).toBe(true)
})

test('a chunk that is put off is sent again', async () => {
  const onPatch = (request: IncomingMessage, answer: ServerResponse, count: number) => {
    if (count !== 1) return false
    request.resume()
    answer.writeHead(503, { 'retry-after': '0' }).end()
    return true
  }
  const { upload, stored } = await start({ onPatch })
  expect(await upload('300k')).toBe(bytes.byteLength)
  expect(stored().equals(bytes)).toBe(true)
})

test.each([400, 404, 405, 416, 501])(
  'a registry that answers %i to chunks gets the blob as a whole',
  async (status) => {
    const onPatch = (request: IncomingMessage, answer: ServerResponse) => {
      request.resume()
      answer.writeHead(status).end()
      return true
    }
    const { upload, count, stored } = await start({ onPatch })
    expect(await upload('300k')).toBe(bytes.byteLength)
    expect(count).toEqual({ POST: 2, PATCH: 1, PUT: 1 })
    expect(stored().equals(bytes)).toBe(true)
  },
)

test('an upload that fails at the end begins anew', async () => {
  const onPut = (request: IncomingMessage, answer: ServerResponse, count: number) => {
    if (count > 0) return false
    request.resume()
    answer.writeHead(502).end()
    return true
  }
  const { upload, count, stored } = await start({ onPut })
  expect(await upload('2m')).toBe(bytes.byteLength)
  expect(count.POST).toBe(2)
  expect(stored().equals(bytes)).toBe(true)
})

test('a full registry is told as such, and not asked again', async () => {
  const onPut = (request: IncomingMessage, answer: ServerResponse) => {
    request.resume()
    sendError(answer, 403, { code: 'DENIED', message: 'quota has been exceeded' })
    return true
  }
  const { upload, count } = await start({ onPut })
  await expect(upload('2m')).rejects.toMatchObject({ code: 'ERR_REGISTRY_QUOTA' })
  expect(count.PUT).toBe(1)
})
