// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { Engine, Image } from '../../../src/index.js'
import { testNeeding } from '../../support/needs.js'
import { run } from '../image/rootfs.js'
import { empty, layersOf, partialsOf, usePullFixture } from './pull-fixture.js'

const fixture = usePullFixture()
const isRoot = process.getuid?.() === 0
let engine: Engine | undefined
let disk: string

// The blobs fit, the files beside them do not; and what does not even fit as blobs.
beforeAll(async () => {
  const { layout, ref, directory } = fixture
  const base = await layout.layer('base', 'rootfs')
  const one = await layout.layer('one', { bytes: 9_000_000 })
  const two = await layout.layer('two', { bytes: 9_000_000 })
  const huge = await layout.layer('huge', { bytes: 40_000_000 })
  await layout.image([base], { name: 'small:1' })
  await layout.image([base, one, two], { name: 'unpacked:1' })
  await layout.image([base, huge], { name: 'huge:1' })
  for (const name of ['small:1', 'unpacked:1', 'huge:1']) await layout.push(name, `docker://${ref(name)}`)
  disk = join(directory, 'disk')
  if (!isRoot) return
  await mkdir(disk)
  await run('mount', '-t', 'tmpfs', '-o', 'size=30m,mode=755', 'tmpfs', disk)
  await mkdir(join(directory, 'disk-run'), { mode: 0o700 })
  engine = await Engine.open({ root: join(disk, 'root'), runRoot: join(directory, 'disk-run') })
})
afterAll(async () => {
  if (engine) await empty(engine)
  if (isRoot) await unmounted()
})

// The supervisor lets go of its mounts a moment after its socket is gone.
const unmounted = async (attempts = 50): Promise<void> => {
  try {
    await run('umount', disk)
  } catch (error) {
    if (attempts === 0) throw error
    await new Promise((resolve) => setTimeout(resolve, 100))
    await unmounted(attempts - 1)
  }
}

const usedBytes = async (): Promise<number> => {
  const { blocks, bfree, bsize } = await statfs(disk)
  return (blocks - bfree) * bsize
}

for (const name of ['unpacked:1', 'huge:1']) {
  testNeeding('root')(`${name} ends with the right error and an empty store`, async () => {
    const root = join(disk, 'root')
    await expect(Image.pull(fixture.ref(name), { engine })).rejects.toMatchObject({
      code: 'ERR_RESOURCE_EXHAUSTED',
      errno: 'ENOSPC',
    })
    expect(await readdir(join(root, 'blobs/sha256'))).toEqual([])
    expect(await layersOf(root)).toEqual([])
    expect(await partialsOf(root)).toEqual([])
    expect(await readdir(join(root, 'tmp'))).toEqual([])
    // What was unpacked is in the trash, which the supervisor empties in its own time.
    await expect.poll(usedBytes).toBeLessThan(2_000_000)
  })
}

testNeeding('root')('what fits is pulled all the same', async () => {
  expect((await Image.pull(fixture.ref('small:1'), { engine })).layers).toHaveLength(1)
})
