// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Container, Engine, Image } from '../../../src/index.js'
import { writeLayout } from '../../support/layered-layout.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const name = 'example.com/layered:1'
const rounds = 40
let layout: string
let pruning: Engine
beforeAll(async () => {
  // The second layer only implies a directory: a third one corrects it, which has to stay as well.
  layout = await writeLayout(join(host.directory, 'layout'), [
    [
      { path: 'opt/', type: 'directory', mode: 0o711, mtime: 1 },
      { path: 'opt/busybox', mode: 0o755 },
    ],
    [{ path: 'opt/file', data: 'file' }],
  ])
  pruning = await Engine.open({ root: host.root, runRoot: host.runRoot })
})
afterAll(async () => {
  await pruning.close()
})

const delay = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const create = (): Promise<Container | Error> =>
  Container.create(name, {
    engine: host.engine,
    pull: 'never',
    idle: true,
    mounts: [{ type: 'bind', source: '/bin/busybox', target: '/opt/busybox', readonly: true }],
  }).catch((error: Error) => error)

test('a container made while another engine prunes is whole, or its image was gone before', async () => {
  const seen = { made: 0, refused: 0 }
  for (let round = 0; round < rounds; round++) {
    await Image.load(layout, { engine: host.engine })
    const [made] = await Promise.all([
      delay(round % 2 === 0 ? 0 : Math.random() * 4).then(create),
      delay(round % 2 === 0 ? Math.random() * 4 : 0).then(() => Image.prune({ engine: pruning, all: true })),
    ])
    if (made instanceof Error) {
      expect(made).toMatchObject({ code: 'ERR_IMAGE_NOT_FOUND' })
      seen.refused++
      continue
    }
    seen.made++
    await made.start()
    expect((await made.exec(['/opt/busybox', 'cat', '/opt/file'])).stdout).toBe('file')
    // The manifest and the config, too: and the name, since a container was using the image when the prune looked.
    const committed = await made.commit({ tag: 'committed:1' })
    expect((await Image.get(name, { engine: host.engine })).id).toBe(made.image.id)
    await committed.remove()
    await made.remove({ force: true })
    await (await Image.get(name, { engine: host.engine })).remove()
  }
  expect(seen.made + seen.refused).toBe(rounds)
})

test('a prune comes to its turn however many containers are made', async () => {
  await Image.load(layout, { engine: host.engine })
  let going = true
  const churn = async () => {
    while (going) {
      const made = await create()
      if (made instanceof Error) throw made
      await made.remove({ force: true })
    }
  }
  const churning = Array.from({ length: 6 }, churn)
  // Only dangling images: the one in use stays.
  const pruned = await Image.prune({ engine: pruning, signal: AbortSignal.timeout(20_000) })
  going = false
  await Promise.all(churning)
  expect(pruned.images).toEqual([])
})
