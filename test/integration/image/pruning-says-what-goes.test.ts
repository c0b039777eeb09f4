// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Container, Image } from '../../../src/index.js'
import { type LayerEntry, writeLayout } from '../../support/layered-layout.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
let count = 0
const load = async (name: string) => {
  const text = `${name} ${count++}`
  const directory = join(host.directory, `layout-${count}`)
  return await Image.load(await writeLayout(directory, [[{ path: 'f', data: text }]], { name }), {
    engine: host.engine,
  })
}
const ids = async () => (await Image.list({ engine: host.engine })).map(({ id }) => id)

test('images without name go by default, those with one on request, those in use never', async () => {
  const { engine } = host
  const old = await load('moving:1')
  const current = await load('moving:1')
  const used = await load('used:1')
  const box = await Container.create(used, { engine, idle: true, name: 'user' })
  await expect(Image.prune({ engine, all: true, dangling: true })).rejects.toMatchObject({ option: 'dangling' })
  await expect(Image.prune({ engine, until: 'today' } as never)).rejects.toMatchObject({ option: 'until' })
  const first = await Image.prune({ engine })
  expect(first.images).toEqual([old.id])
  expect(first.freedBytes).toBeGreaterThan(0)
  expect(await ids()).toEqual(expect.arrayContaining([host.image.id, current.id, used.id]))
  await expect(used.remove()).rejects.toMatchObject({
    code: 'ERR_IMAGE_IN_USE',
    message: expect.stringContaining("'user'"),
  })
  const usage = await engine.diskUsage()
  expect(usage.images.count).toBe(3)
  expect(usage.images.bytes).toBe(usage.blobs.bytes + usage.layers.bytes)
  expect(usage.images.reclaimableBytes).toBeGreaterThan(0)
  expect(usage.images.reclaimableBytes).toBeLessThan(usage.images.bytes)
  expect(usage.containers.count).toBe(1)
  const second = await Image.prune({ engine, dangling: false, labels: { no: 'such' } })
  expect(second.images).toEqual([])
  expect((await Image.prune({ engine, all: true, until: new Date(Date.now() - 86_400_000) })).images).toContain(
    current.id,
  )
  expect(await ids()).toContain(used.id)
  await box.remove()
})

test('an engine prunes containers, images and content as it is told', async () => {
  const { engine } = host
  const image = await load('pruned:1')
  const gone = await load('pruned:2')
  const next = await load('pruned:2')
  const box = await Container.run(image, { engine, idle: true })
  await box.stop({ timeoutMs: 0 })
  expect(await engine.prune({ containers: false, images: 'none' })).toMatchObject({ containers: [], images: [] })
  expect(await engine.prune({ containers: false })).toMatchObject({ containers: [], images: [gone.id] })
  const pruned = await engine.prune({ images: 'all' })
  expect(pruned.containers).toEqual([box.id])
  expect(pruned.images).toEqual(expect.arrayContaining([image.id, next.id]))
  expect(pruned.content.length).toBeGreaterThan(0)
  await expect(engine.prune({ images: 'some' } as never)).rejects.toMatchObject({ option: 'images' })
  expect((await engine.diskUsage()).layers.count).toBe(0)
})

test('what corrects the implied directories of a chain stays as long as an image or a container needs it', async () => {
  const { engine } = host
  const lower: LayerEntry[] = [{ path: 'd/', type: 'directory', mode: 0o711 }]
  const upper: LayerEntry[] = [{ path: 'd/f', data: 'f' }]
  const image = await Image.load(await writeLayout(join(host.directory, 'implied'), [lower, upper]), { engine })
  const layers = async () => (await engine.diskUsage()).layers.count
  const before = await layers()
  const box = await Container.create(image, { engine, idle: true })
  const needed = (await engine.info()).snapshotter === 'overlay' ? before + 1 : before
  expect(await layers()).toBe(needed)
  await Image.prune({ engine })
  expect(await layers()).toBe(needed)
  await image.remove({ force: true })
  await Image.prune({ engine })
  expect(await layers()).toBeGreaterThanOrEqual(3)
  expect(await box.diff()).toEqual([])
  await box.remove()
  await Image.prune({ engine, all: true })
  expect(await layers()).toBe(0)
})

test('what a process that was killed had begun to unpack goes too, though engines have been open all the while', async () => {
  const begun = join(host.root, 'tmp/layer-0123456789abcdef01234567')
  await mkdir(join(begun, 'fs/opt'), { recursive: true })
  await writeFile(join(begun, 'fs/opt/half'), 'half')
  await Image.prune({ engine: host.engine })
  expect(await readdir(join(host.root, 'tmp'))).toEqual([])
})
