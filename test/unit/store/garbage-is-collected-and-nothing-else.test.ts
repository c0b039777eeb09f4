// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Digest, digestOf } from '../../../src/oci/digest.js'
import { indexToJson } from '../../../src/oci/image-index.js'
import { mediaTypes } from '../../../src/oci/media-types.js'
import type { Store } from '../../../src/store/store.js'
import { openStore, putImage } from './scratch-store.js'

async function putLayer(store: Store, diffId: Digest, record: unknown = { diffId, sizeBytes: 1000 }): Promise<void> {
  await mkdir(join(store.paths.layer(diffId), 'fs'), { recursive: true })
  if (record !== undefined)
    await writeFile(store.paths.layerRecord(diffId), typeof record === 'string' ? record : JSON.stringify(record))
}
const remover = (store: Store) => (diffId: Digest) => rm(store.paths.layer(diffId), { recursive: true })
async function all(store: Store): Promise<readonly Digest[]> {
  const digests: Digest[] = []
  for await (const { digest } of store.blobs.list()) digests.push(digest)
  return digests.sort()
}

describe('collect', () => {
  it('keeps what names, containers and indexes lead to, removes the rest', async () => {
    const store = await openStore()
    const [named, used, child, lost] = await Promise.all(
      ['named', 'used', 'child', 'lost'].map((text) => putImage(store, text)),
    )
    if (!named || !used || !child || !lost) throw new Error('unreachable')
    const index = await store.blobs.put(
      indexToJson({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [child.descriptor] }),
    )
    await store.images.set('docker.io/a/named:1', named.descriptor)
    await store.images.set('docker.io/a/many:1', { ...index, mediaType: mediaTypes.index })
    for (const { diffId } of [named, used, child, lost]) await putLayer(store, diffId)
    const collected = await store.collect({ keep: [used.descriptor], graceMs: 0, removeLayer: remover(store) })
    expect(collected.blobs.toSorted()).toEqual(lost.blobs.toSorted())
    expect(collected.layers).toEqual([lost.diffId])
    expect(collected.freedBytes).toBeGreaterThan(1000)
    expect(await all(store)).toEqual([...named.blobs, ...used.blobs, ...child.blobs, index.digest].toSorted())
    expect(await store.layers.has(named.diffId)).toBe(true)
    expect(await store.layers.has(lost.diffId)).toBe(false)
  })

  it('leaves young things alone', async () => {
    const store = await openStore()
    const { blobs, diffId } = await putImage(store, 'young')
    await putLayer(store, diffId)
    expect((await store.collect({ removeLayer: remover(store) })).blobs).toEqual([])
    const old = new Date(Date.now() - 7_200_000)
    for (const digest of blobs) await utimes(store.blobs.path(digest), old, old)
    await utimes(store.paths.layer(diffId), old, old)
    await store.blobs.claim(blobs[2] as Digest)
    expect((await store.collect({ removeLayer: remover(store) })).blobs.toSorted()).toEqual(
      blobs.slice(0, 2).toSorted(),
    )
    expect(await store.layers.list()).toEqual([])
  })

  it('keeps layers that are named directly, and finds those whose record is damaged', async () => {
    const store = await openStore()
    const [kept, zeroed, missing, foreign] = ['kept', 'zeroed', 'missing', 'foreign'].map((text) => digestOf(text)) as [
      Digest,
      Digest,
      Digest,
      Digest,
    ]
    await putLayer(store, kept)
    await putLayer(store, zeroed, '\0'.repeat(50))
    await putLayer(store, missing, undefined)
    await rm(store.paths.layerRecord(missing))
    await putLayer(store, foreign, { diffId: kept, sizeBytes: 1 })
    await mkdir(join(store.paths.layers, 'lost+found'))
    const damaged = (await store.layers.list()).filter(({ record }) => record === null)
    expect(damaged.map(({ diffId }) => diffId).toSorted()).toEqual([zeroed, missing, foreign].toSorted())
    await store.collect({ keepLayers: [kept], graceMs: 0, removeLayer: remover(store) })
    expect((await readdir(store.paths.layers)).toSorted()).toEqual([kept.slice(7), 'lost+found'].toSorted())
  })

  it('a damaged or missing manifest leads nowhere and stops nothing', async () => {
    const store = await openStore()
    const [broken, gone, good] = await Promise.all(['broken', 'gone', 'good'].map((text) => putImage(store, text)))
    if (!broken || !gone || !good) throw new Error('unreachable')
    for (const [i, { descriptor }] of [broken, gone, good].entries())
      await store.images.set(`docker.io/a/n${i}:1`, descriptor)
    await writeFile(store.blobs.path(broken.descriptor.digest), '{}')
    await store.blobs.remove(gone.descriptor.digest)
    await store.collect({ graceMs: 0, removeLayer: remover(store) })
    expect(await all(store)).toEqual(good.blobs.toSorted())
  })

  it('waits for leases, and gives up when aborted', async () => {
    const store = await openStore()
    const lease = await store.lease()
    const second = await store.lease()
    const { blobs } = await putImage(store, 'in the making')
    const aborted = store.collect({ graceMs: 0, removeLayer: remover(store), signal: AbortSignal.timeout(200) })
    await expect(aborted).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(await all(store)).toEqual(blobs.toSorted())
    await lease.release()
    await second.release()
    await store.collect({ graceMs: 0, removeLayer: remover(store) })
    expect(await all(store)).toEqual([])
  })

  it('removes what a crash left of a download', async () => {
    const store = await openStore()
    await writeFile(join(store.paths.tmp, 'ingest-0123'), 'half')
    await writeFile(join(store.paths.tmp, 'other'), 'not ours')
    await store.collect({ graceMs: 0, removeLayer: remover(store) })
    expect(await readdir(store.paths.tmp)).toEqual(['other'])
  })

  it('disk usage adds up', async () => {
    const store = await openStore()
    await store.blobs.put('12345')
    await putLayer(store, digestOf('l'))
    expect(await store.diskUsage()).toEqual({ blobs: { count: 1, bytes: 5 }, layers: { count: 1, bytes: 1000 } })
  })
})
