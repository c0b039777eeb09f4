// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { cacheConfigType, inlineCacheKey } from '../../../../src/build/cache/cache-document.js'
import { readCache } from '../../../../src/build/cache/cache-source.js'
import type { Descriptor } from '../../../../src/oci/descriptor.js'
import { digestOf } from '../../../../src/oci/digest.js'
import { mediaTypes } from '../../../../src/oci/media-types.js'

const platform = { os: 'linux', architecture: 'amd64' }
const layer = { mediaType: mediaTypes.layerGzip, digest: digestOf('blob'), size: 4 }
const [key, alias, diffId] = ['key', 'alias', 'diff'].map((text) => digestOf(text))
const good = {
  version: 1,
  layers: [{ diffId, blob: 0, createdAt: '2026-01-02T03:04:05.678Z' }],
  records: [{ key, name: 'RUN true', layers: [0] }],
  aliases: [[alias, key]],
}

const read = async (
  config: unknown,
  { type = cacheConfigType, layers = [layer] }: { type?: string; layers?: Descriptor[] } = {},
) => {
  const blobs = new Map<string, Buffer>()
  const put = (mediaType: string, value: unknown): Descriptor => {
    const bytes = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
    blobs.set(digestOf(bytes), bytes)
    return { mediaType, digest: digestOf(bytes), size: bytes.byteLength }
  }
  const manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config: put(type, config), layers }
  const top = put(mediaTypes.manifest, manifest)
  return await readCache(async ({ digest }) => blobs.get(digest) as Buffer, top, platform)
}

const inline = (cache: unknown, diffIds: readonly unknown[] = [diffId]) => ({
  ...{ os: 'linux', architecture: 'amd64', config: {} },
  rootfs: { type: 'layers', diff_ids: diffIds },
  [inlineCacheKey]: cache,
})

describe('a cache', () => {
  test('is a manifest with a config of its own type, or inline in the config of an image', async () => {
    const content = await read(good)
    expect(content).toEqual(await read(inline(good), { type: mediaTypes.config }))
    expect(content.blobs).toEqual([layer])
    expect(content.document.records).toEqual(good.records)
  })

  const changed = (change: object) => ({ ...good, ...change })
  const withLayer = (change: object) => changed({ layers: [{ ...good.layers[0], ...change }] })
  test.each<readonly [string, unknown]>([
    ['of another version', changed({ version: 2 })],
    ['without records', changed({ records: undefined })],
    ['whose records lead nowhere', changed({ records: [{ key, name: '', layers: [1] }] })],
    ['whose records count down', changed({ records: [{ key, name: '', layers: [-1] }] })],
    ['whose records count in halves', changed({ records: [{ key, name: '', layers: [0.5] }] })],
    ['with chains that nothing can stack', changed({ records: [{ key, name: '', layers: Array(481).fill(0) }] })],
    ['with more records than anybody has steps', changed({ records: Array(20_001).fill(good.records[0]) })],
    ['whose keys are paths', changed({ records: [{ key: 'sha256:../../x', name: '', layers: [0] }] })],
    ['whose keys are of another kind', changed({ records: [{ key: digestOf('x', 'sha512'), name: '', layers: [0] }] })],
    ['whose aliases are no pairs', changed({ aliases: [[alias, key, key]] })],
    ['whose layers have blobs that its manifest has not', withLayer({ blob: 1 })],
    ['whose layers are of another kind', withLayer({ diffId: digestOf('x', 'sha512') })],
    ['whose times are texts', withLayer({ createdAt: '\u001b[2J' })],
    ['that calls a layer empty which is not', withLayer({ isEmpty: true })],
    ['that is no object', [good]],
    ['that is no JSON', '{'],
    ['that names a key twice', '{"version":1,"version":1}'],
    ['that nests for ever', '['.repeat(10_000)],
  ])('is refused %s', async (_what, config) => {
    await expect(read(config)).rejects.toMatchObject({ code: 'ERR_IMAGE_INVALID' })
  })

  test.each<readonly [string, Parameters<typeof read>]>([
    ['a config of another type', [good, { type: 'application/vnd.buildkit.cacheconfig.v0' }]],
    ['an image without a cache', [inline(undefined), { type: mediaTypes.config }]],
    ['an image that says otherwise what its layers are', [inline(good, [digestOf('x')]), { type: mediaTypes.config }]],
    ['layers that are none', [good, { layers: [{ ...layer, mediaType: 'text/plain' }] }]],
    [
      'layers that its registry alone may hand out',
      [good, { layers: [{ ...layer, mediaType: mediaTypes.dockerForeignLayerGzip }] }],
    ],
    ['layers that no disk has room for', [good, { layers: [{ ...layer, size: Number.MAX_SAFE_INTEGER }] }]],
  ])('is refused with %s', async (_what, [config, parts]) => {
    await expect(read(config, parts)).rejects.toMatchObject({ code: 'ERR_IMAGE_INVALID' })
  })
})
