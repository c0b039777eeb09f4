// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, symlink, unlink, utimes, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { type Digest, digestOf } from '../../../src/oci/digest.js'
import type { StoredBuildRecord } from '../../../src/store/build-records.js'
import { evictBuilds, evicted } from '../../../src/store/evict-builds.js'
import type { Store } from '../../../src/store/store.js'
import { openStore } from './scratch-store.js'

const layer = (text: string, sizeBytes = 10) => ({ diffId: digestOf(text), sizeBytes })

const addLayer = async ({ paths }: Store, diffId: Digest) => {
  await mkdir(paths.layer(diffId), { recursive: true })
  await writeFile(paths.layerRecord(diffId), JSON.stringify({ diffId, sizeBytes: 10 }))
}

const record = (name: string, ...layers: readonly ReturnType<typeof layer>[]) => ({ key: digestOf(name), name, layers })

describe('a record', () => {
  test('comes back while all of its layers are there', async () => {
    const store = await openStore()
    const step = record('RUN make', layer('a'), layer('b'))
    await store.builds.put(step)
    expect(await store.builds.get(step.key)).toBeUndefined()
    for (const { diffId } of step.layers) await addLayer(store, diffId)
    expect(await store.builds.get(step.key)).toEqual(step)
    await unlink(store.paths.layerRecord(layer('a').diffId))
    expect(await store.builds.get(step.key)).toBeUndefined()
  })

  test.each([
    ['empty', ''],
    ['cut off', '{"key":"sha256:'],
    ['of another key', JSON.stringify(record('other'))],
    ['without layers', JSON.stringify({ key: digestOf('step'), name: 'step' })],
    ['with a layer that leads elsewhere', JSON.stringify({ ...record('step'), layers: [{ diffId: '../../etc' }] })],
  ])('that is %s is none', async (_what, text) => {
    const store = await openStore()
    await writeFile(store.paths.buildRecord(digestOf('step')), text)
    expect(await store.builds.get(digestOf('step'))).toBeUndefined()
  })

  test('that is a symlink is none', async () => {
    const store = await openStore()
    await symlink('/etc/passwd', store.paths.buildRecord(digestOf('step')))
    expect(await store.builds.get(digestOf('step'))).toBeUndefined()
    expect(await store.builds.list()).toEqual([])
  })

  test('keeps its layers from being collected', async () => {
    const store = await openStore()
    const step = record('step', layer('kept'))
    for (const { diffId } of [layer('kept'), layer('loose')]) await addLayer(store, diffId)
    await store.builds.put(step)
    const removed: Digest[] = []
    await store.collect({ removeLayer: async (diffId) => void removed.push(diffId), graceMs: -1000 })
    expect(removed).toEqual([layer('loose').diffId])
  })
})

describe('an alias', () => {
  test('leads to its key, and goes when that has gone', async () => {
    const store = await openStore()
    const [alias, step] = [digestOf('alias'), record('step')]
    await store.builds.put(step)
    await store.builds.setAlias(alias, step.key)
    await store.builds.sweep()
    expect(await store.builds.alias(alias)).toBe(step.key)
    await store.builds.remove(step.key)
    await store.builds.sweep()
    expect(await store.builds.alias(alias)).toBeUndefined()
    expect(await readdir(store.paths.buildAliases)).toEqual([])
  })

  test('that is damaged leads nowhere', async () => {
    const store = await openStore()
    await writeFile(store.paths.buildAlias(digestOf('alias')), 'sha256:short')
    expect(await store.builds.alias(digestOf('alias'))).toBeUndefined()
  })
})

describe('letting go', () => {
  const used = (name: string, usedMs: number, ...layers: ReturnType<typeof layer>[]): StoredBuildRecord => ({
    ...record(name, ...layers),
    usedMs,
  })

  test('what was used longest ago goes first; a layer of two records counts once', () => {
    const records = [
      used('new', 3, layer('a', 60)),
      used('mid', 2, layer('a', 60), layer('b', 30)),
      used('old', 1, layer('c', 20)),
    ]
    expect(evicted(records, { keepBytes: 100 })).toEqual([digestOf('old')])
    expect(evicted(records, { keepBytes: 110 })).toEqual([])
    expect(evicted(records, { keepBytes: 0 })).toHaveLength(3)
  })

  test('layers that images have cost nothing', () => {
    const kept = new Set([layer('a').diffId])
    expect(evicted([used('step', 1, layer('a', 1000))], { keepBytes: 0, kept })).toEqual([])
  })

  test('what was not used since goes in any case', () => {
    const records = [used('new', 2000), used('old', 1000)]
    expect(evicted(records, { until: new Date(1500) })).toEqual([digestOf('old')])
  })

  test('takes the records from the disk', async () => {
    const store = await openStore()
    const steps = [record('old', layer('a')), record('new', layer('b'))]
    for (const step of steps) await store.builds.put(step)
    await utimes(store.paths.buildRecord(digestOf('old')), 1, 1)
    expect(await evictBuilds(store.builds, { keepBytes: 10 })).toEqual([digestOf('old')])
    expect((await store.builds.list()).map(({ name }) => name)).toEqual(['new'])
  })
})
