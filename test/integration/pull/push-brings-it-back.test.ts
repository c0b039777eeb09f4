// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { Image, type PushProgress } from '../../../src/index.js'
import { mediaTypes } from '../../../src/oci/media-types.js'
import { type MadeLayer, skopeo } from './layered-images.js'
import { usePullFixture } from './pull-fixture.js'

const fixture = usePullFixture()
let base: MadeLayer
let top: MadeLayer

beforeAll(async () => {
  const { layout, ref } = fixture
  base = await layout.layer('base', 'rootfs')
  top = await layout.layer('top', { bytes: 3_000_000 })
  await layout.image([base, top], { name: 'app:1' })
  await layout.push('app:1', `docker://${ref('app:1')}`)
})

const pulled = async (name = 'app:1') => await Image.pull(fixture.ref(name), { engine: fixture.engine })
const phasesOf = async (push: AsyncIterable<PushProgress>) => {
  const last = new Map<string, string>()
  for await (const event of push) if (event.type === 'layer') last.set(event.digest, event.phase)
  return last
}
/** The documents that a reference leads to, as skopeo copies them out. */
const copied = async (name: string, directory: string): Promise<readonly string[]> => {
  const to = join(fixture.directory, directory)
  await skopeo(
    'copy',
    '-q',
    '--src-tls-verify=false',
    '--preserve-digests',
    `docker://${fixture.ref(name)}`,
    `dir:${to}`,
  )
  const manifest = await readFile(join(to, 'manifest.json'), 'utf8')
  const { config, layers } = JSON.parse(manifest)
  const blobs = [config, ...layers].map(({ digest }: { digest: string }) => join(to, digest.slice('sha256:'.length)))
  return [manifest, ...(await Promise.all(blobs.map((path) => readFile(path, 'base64'))))]
}

test('what was pushed is what skopeo copies out, byte for byte', async () => {
  const { engine, registry } = fixture
  const image = await pulled()
  const seen: string[] = []
  engine.on('image', ({ action, object }) => seen.push(`${action} ${object}`))
  registry.seen.length = 0
  const push = image.push(fixture.ref('elsewhere/copy:2'))
  const phases = await phasesOf(push)
  expect(await push).toEqual({ reference: fixture.ref('elsewhere/copy:2'), digest: image.digest })
  expect(phases.get(top.blob.digest)).toBe('mounted')
  expect(await copied('elsewhere/copy:2', 'copy')).toEqual(await copied('app:1', 'original'))
  expect(seen).toEqual([`push ${image.id}`])
  // Every layer was on that registry already: none was sent.
  expect(registry.seen.filter(({ method }) => method === 'PATCH')).toEqual([])
})

test('a second push sends nothing', async () => {
  const image = await pulled()
  await image.push(fixture.ref('twice:1'))
  fixture.registry.seen.length = 0
  const phases = await phasesOf(image.push(fixture.ref('twice:1')))
  expect(new Set(phases.values())).toEqual(new Set(['exists']))
  const methods = fixture.registry.seen.map(({ method }) => method)
  expect(methods.filter((method) => method !== 'HEAD')).toEqual(['PUT'])
})

test('an image that was never there is uploaded, and comes back the same', async () => {
  const { layout, engine, ref } = fixture
  const own = await layout.layer('own', { bytes: 2_500_000 })
  await layout.image([base, own], { name: 'own:1' })
  const image = (await Image.loadAll(layout.directory, { engine })).find(
    ({ layers }) => layers[1]?.digest === own.blob.digest,
  )
  const phases = await phasesOf(image!.push(ref('own:1')))
  expect(phases.get(own.blob.digest)).toBe('done')
  expect(phases.get(base.blob.digest)).toBe('mounted')
  const other = await fixture.another('other')
  expect((await Image.pull(ref('own:1'), { engine: other })).id).toBe(image!.id)
})

test('where to must be clear', async () => {
  const image = await pulled()
  await image.tag(fixture.ref('second:1'))
  await expect(image.push()).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option: 'reference' })
  await expect(image.push(fixture.ref(`app@${image.digest}`))).rejects.toMatchObject({ code: 'ERR_INVALID_REFERENCE' })
  const host = await Image.host({ engine: fixture.engine })
  await expect(host.push(fixture.ref('host:1'))).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
})

test('an aborted push leaves the tag as it was', async () => {
  const image = await pulled()
  const push = image.push(fixture.ref('aborted:1'), { signal: AbortSignal.abort(new Error('not now')) })
  await expect(push).rejects.toThrow('not now')
  await expect(Image.pull(fixture.ref('aborted:1'), { engine: fixture.engine })).rejects.toMatchObject({
    code: 'ERR_REGISTRY_MANIFEST_UNKNOWN',
  })
})

test('a foreign layer is named, and not sent', async () => {
  const { layout, engine, ref } = fixture
  const foreign = await layout.layer('foreign', { bytes: 1_000_000 })
  const mediaType = mediaTypes.dockerForeignLayerGzip
  const blob = { ...foreign.blob, mediaType, urls: ['https://example.com/layer'] }
  await layout.image([base, { ...foreign, blob }], { name: 'foreign:1' })
  const image = (await Image.loadAll(layout.directory, { engine })).find(
    ({ layers }) => layers[1]?.digest === foreign.blob.digest,
  )
  fixture.registry.seen.length = 0
  const phases = await phasesOf(image!.push(ref('foreign:1')))
  expect([...phases.keys()]).not.toContain(foreign.blob.digest)
  expect(fixture.registry.seen.some(({ path }) => path.includes(foreign.blob.digest))).toBe(false)
})
