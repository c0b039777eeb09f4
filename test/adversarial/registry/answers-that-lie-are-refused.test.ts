// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { digestOf } from '../../../src/oci/digest.js'
import { mediaTypes } from '../../../src/oci/media-types.js'
import { type FakeHandler, sendJson } from '../../support/registry/fake-registry.js'
import { download, makeBlob, useRegistryFixture } from '../../support/registry/registry-fixture.js'

const fixture = useRegistryFixture()
const start = fixture.startFake
const manifest = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.manifest, config: {}, layers: [] })
const sendManifest =
  (headers: Readonly<Record<string, string>>): FakeHandler =>
  (_, answer) =>
    sendJson(answer, 200, manifest, { 'content-type': mediaTypes.manifest, ...headers })

describe('a manifest', () => {
  test('that is not what its digest says is refused', async () => {
    const { client, ref } = await start(sendManifest({}))
    await expect(client.manifest(ref, digestOf('something else'))).rejects.toMatchObject({
      code: 'ERR_DIGEST_MISMATCH',
    })
  })

  test('that is not what the registry announces is refused', async () => {
    const { client, ref } = await start(sendManifest({ 'docker-content-digest': digestOf('something else') }))
    await expect(client.manifest(ref, 'v1')).rejects.toMatchObject({ code: 'ERR_DIGEST_MISMATCH' })
  })

  test.each(['../../../etc/passwd', 'sha256:../../x', 'sha256:ABCD', 'sha256:', `sha256:${'a'.repeat(63)}`])(
    'with the digest %s is refused',
    async (digest) => {
      const { client, ref } = await start(sendManifest({ 'docker-content-digest': digest }))
      await expect(client.manifest(ref, 'v1')).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
      await expect(client.resolve(ref, 'v1')).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
    },
  )

  test('of 100 MB is refused before it is read, whether its size is announced or not', async () => {
    let sent = 0
    const endless: FakeHandler = (_, answer) => {
      const piece = Buffer.alloc(65_536, 32)
      const more = () => {
        while (sent < 100e6 && !answer.destroyed) {
          sent += piece.byteLength
          if (!answer.write(piece)) return void answer.once('drain', more)
        }
        answer.end()
      }
      more()
    }
    const streamed = await start(endless)
    await expect(streamed.client.manifest(streamed.ref, 'v1')).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
    expect(sent).toBeLessThan(30e6)
    const announced = await start((_, answer) => answer.writeHead(200, { 'content-length': 100e6 }).write('{'))
    await expect(announced.client.manifest(announced.ref, 'v1')).rejects.toMatchObject({
      code: 'ERR_REGISTRY_PROTOCOL',
    })
  })

  test.each(['../../v2/other/manifests/x', 'a b', 'x?y', 'sha256:abc', '', 'a/../../b'])(
    '%j is never asked for',
    async (reference) => {
      const { client, ref, registry } = await start(sendManifest({}))
      await expect(client.manifest(ref, reference)).rejects.toMatchObject({ code: 'ERR_INVALID_REFERENCE' })
      await expect(client.manifest({ ...ref, repository: `a/${reference}/../b` }, 'v1')).rejects.toMatchObject({
        code: 'ERR_INVALID_REFERENCE',
      })
      expect(registry.seen).toEqual([])
    },
  )

  test('of the format of before 2017 is told by its name', async () => {
    const { client, ref } = await start((_, answer) =>
      sendJson(answer, 200, { schemaVersion: 1, name: 'x', fsLayers: [] }),
    )
    await expect(client.manifest(ref, 'v1')).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
  })
})

describe('a blob', () => {
  const { bytes, descriptor } = makeBlob(300_000)
  const got = async (handler: FakeHandler, prefix?: Uint8Array) => {
    const { client, ref } = await start(handler)
    return await download(client, ref, { blob: descriptor, directory: fixture.directory, ...(prefix && { prefix }) })
  }

  test('with more than its size is cut off at it', async () => {
    const result = await got((_, answer) => answer.writeHead(200).end(Buffer.concat([bytes, bytes])))
    expect(result.error).toMatchObject({ code: 'ERR_DIGEST_MISMATCH' })
    expect(result.bytes.byteLength).toBeLessThanOrEqual(descriptor.size)
  })

  test('that announces another size is refused', async () => {
    const result = await got((_, answer) => answer.writeHead(200, { 'content-length': 10 }).end(bytes.subarray(0, 10)))
    expect(result.error).toMatchObject({ code: 'ERR_DIGEST_MISMATCH' })
  })

  test('from which the range is ignored is taken from its start', async () => {
    const result = await got((_, answer) => answer.writeHead(200).end(bytes), Buffer.alloc(1000, 9))
    expect(result).toMatchObject({ error: undefined, restarts: 1 })
    expect(result.bytes.equals(bytes)).toBe(true)
  })

  test.each([
    'bytes 0-299999/300000',
    'bytes 1000-299999/400000',
    'bytes 1001-299999/300000',
    'bytes */300000',
    'pages 1000-1/2',
    '',
  ])('with the Content-Range %j for another one is refused', async (range) => {
    const handler: FakeHandler = (_, answer) =>
      answer.writeHead(206, { 'content-range': range }).end(bytes.subarray(1000))
    const result = await got(handler, bytes.subarray(0, 1000))
    expect(result.error).toMatchObject({ code: expect.stringMatching(/ERR_REGISTRY_PROTOCOL|ERR_DIGEST_MISMATCH/) })
    expect(result.bytes.equals(bytes.subarray(0, 1000))).toBe(true)
  })

  test('whose range is refused is taken from its start', async () => {
    const handler: FakeHandler = (request, answer) =>
      request.headers.range ? answer.writeHead(416).end() : answer.writeHead(200).end(bytes)
    const result = await got(handler, Buffer.alloc(1000, 9))
    expect(result).toMatchObject({ error: undefined, restarts: 1 })
    expect(result.bytes.equals(bytes)).toBe(true)
  })

  test('that comes compressed on the way is refused', async () => {
    const result = await got((_, answer) => answer.writeHead(200, { 'content-encoding': 'gzip' }).end(bytes))
    expect(result.error).toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
  })
})
