// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { Image } from '../../../src/index.js'
import { digestOf } from '../../../src/oci/digest.js'
import { mediaTypes } from '../../../src/oci/media-types.js'
import { type FakeRegistry, sendError, startFakeRegistry } from '../../support/registry/fake-registry.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

interface Document {
  readonly mediaType: string
  readonly text: string
}
const platform = { os: 'linux', architecture: process.arch === 'x64' ? 'amd64' : process.arch }
const entryOf = ({ mediaType, text }: Document) => ({
  mediaType,
  digest: digestOf(text),
  size: Buffer.byteLength(text),
  platform,
})
const document = (mediaType: string, body: object): Document => ({
  mediaType,
  text: JSON.stringify({ schemaVersion: 2, mediaType, ...body }),
})
const manifest = (layers: number) =>
  document(mediaTypes.manifest, {
    config: { mediaType: mediaTypes.config, digest: digestOf('config'), size: 2 },
    layers: Array(layers).fill({ mediaType: mediaTypes.layerGzip, digest: digestOf('layer'), size: 5 }),
  })

/** Has the documents by their digests, and the last one by its tag; `every` answers everything else. */
const pulling = async (documents: readonly Document[], every?: Document) => {
  const known = new Map(documents.map((each) => [digestOf(each.text) as string, each]))
  const registry: FakeRegistry = await startFakeRegistry((request, answer) => {
    const name = /\/manifests\/(.+)$/.exec(request.url ?? '')?.[1]
    if (request.url === '/v2/') return answer.writeHead(200).end('{}')
    const found = name === '1' ? documents.at(-1) : (known.get(name ?? '') ?? every)
    if (!found || name === undefined) return sendError(answer, 404, { code: 'BLOB_UNKNOWN' })
    answer.writeHead(200, { 'content-type': found.mediaType }).end(found.text)
  })
  try {
    const error = await Image.pull(`${registry.host}/a/b:1`, { engine: host.engine }).catch((reason) => reason)
    const asked = registry.seen.filter(({ url }) => url.includes('/manifests/')).length
    return { error, asked, blobs: registry.seen.filter(({ url }) => url.includes('/blobs/')).length }
  } finally {
    await registry.stop()
  }
}
const blobs = () => readdir(join(host.root, 'blobs/sha256'))
let before: readonly string[]
beforeAll(async () => {
  before = await blobs()
})
const nothingKept = async () => {
  expect(await blobs()).toEqual(before)
  expect((await Image.list({ engine: host.engine })).map(({ tags }) => tags)).toEqual([[]])
}

describe('an image', () => {
  test('of indexes within indexes is given up', async () => {
    const documents = [manifest(1)]
    for (let depth = 0; depth < 100; depth++)
      documents.push(document(mediaTypes.index, { manifests: [entryOf(documents.at(-1)!)] }))
    const { error, asked, blobs } = await pulling(documents)
    expect(error).toMatchObject({ code: 'ERR_IMAGE_INVALID' })
    expect(asked).toBeLessThan(20)
    expect(blobs).toBe(0)
    await nothingKept()
  })

  test('whose index leads to itself is refused, since no document has its own digest', async () => {
    const index = document(mediaTypes.index, { manifests: [{ ...entryOf(manifest(1)), digest: digestOf('itself') }] })
    const { error, asked } = await pulling([index], index)
    expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_(DIGEST_MISMATCH|REGISTRY_PROTOCOL)$/) })
    expect(asked).toBeLessThan(10)
    await nothingKept()
  })

  test('of thousands of layers is refused before the first', async () => {
    const { error, blobs } = await pulling([manifest(20_000)])
    expect(error).toMatchObject({ code: 'ERR_IMAGE_INVALID', message: expect.stringContaining('layers') })
    expect(blobs).toBe(0)
    await nothingKept()
  })

  test.each([
    ['a manifest', mediaTypes.manifest],
    ['an index', mediaTypes.index],
  ])(
    'whose document is manifest and index at once is refused, announced as %s (CVE-2021-41190)',
    async (_, mediaType) => {
      const both = { ...JSON.parse(manifest(1).text), manifests: [entryOf(manifest(1))], mediaType: undefined }
      const { error, blobs } = await pulling([{ mediaType, text: JSON.stringify(both) }])
      expect(error).toMatchObject({ code: 'ERR_IMAGE_INVALID' })
      expect(blobs).toBe(0)
      await nothingKept()
    },
  )
})
