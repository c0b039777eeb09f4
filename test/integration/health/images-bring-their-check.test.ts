// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { Container, Image } from '../../../src/index.js'
import { eventually, watchContainer } from '../../support/container-watch.js'
import { useTestEngine } from '../../support/test-engine.js'
import { makeRootfs, makeTar } from '../image/rootfs.js'

const host = useTestEngine()
let tar: string
const check = { test: ['CMD-SHELL', 'echo from the image'], intervalMs: 20, timeoutMs: 1500.5, retries: 2 }

beforeAll(async () => {
  tar = await makeTar(await makeRootfs(join(host.directory, 'rootfs')), join(host.directory, 'rootfs.tar'))
})

const outputOf = async (image: Image, healthcheck?: object | false) => {
  const watch = watchContainer()
  const box = await Container.run(image, {
    engine: host.engine,
    idle: true,
    on: watch.on,
    healthcheck: healthcheck as never,
  })
  try {
    await watch.until('healthy')
    const { log } =
      (await eventually(
        async () => (await box.inspect()).health,
        (health) => health !== null,
      )) ?? {}
    return log?.[0]?.output
  } finally {
    await box.remove({ force: true })
  }
}

test('the check of an imported image is run, and passes unchanged through save, load and commit', async () => {
  const image = await Image.import(tar, { engine: host.engine, tag: 'checked', config: { healthcheck: check } })
  expect(image.config.healthcheck).toEqual(check)
  expect(await outputOf(image)).toBe('from the image\n')
  await image.save(join(host.directory, 'saved'), { format: 'oci' })
  const again = await Image.load(join(host.directory, 'saved'), { engine: host.engine })
  expect(again.config.healthcheck).toEqual(check)
  const box = await Container.create(image, { engine: host.engine, idle: true })
  const committed = await box.commit({ tag: 'committed' })
  expect(committed.config.healthcheck).toEqual(check)
  const other = { test: ['NONE'] }
  expect((await box.commit({ tag: 'without', config: { healthcheck: other } })).config.healthcheck).toEqual(other)
  await box.remove()
})

test('the option is laid over it field by field, and can switch it off', async () => {
  const image = await Image.import(tar, { engine: host.engine, tag: 'over', config: { healthcheck: check } })
  expect(await outputOf(image, { retries: 1 })).toBe('from the image\n')
  expect(await outputOf(image, { test: 'echo from the option' })).toBe('from the option\n')
  expect(await outputOf(image, { test: ['CMD', 'busybox', 'echo', 'directly'] })).toBe('directly\n')
  for (const off of [false, { test: ['NONE'] }] as const) {
    const box = await Container.run(image, { engine: host.engine, idle: true, healthcheck: off })
    expect((await box.inspect()).health).toBeNull()
    await box.remove({ force: true })
  }
})

test('the shell of the image runs its script', async () => {
  const config = { healthcheck: check, shell: ['/bin/busybox', 'echo', 'shell:'] }
  const image = await Image.import(tar, { engine: host.engine, tag: 'shell', config })
  expect(await outputOf(image)).toBe('shell: echo from the image\n')
})

test('a check of no known kind is left out, as Docker does it', async () => {
  for (const kind of [['NONE'], [], ['HTTP', 'x'], ['CMD']]) {
    const config = { healthcheck: { ...check, test: kind } }
    const image = await Image.import(tar, { engine: host.engine, tag: 'unknown', config })
    const box = await Container.run(image, { engine: host.engine, idle: true })
    expect((await box.inspect()).health, String(kind)).toBeNull()
    await box.remove({ force: true })
  }
})
