// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events'
import { beforeAll, expect, test } from 'vitest'
import { Container, Image } from '../../../src/index.js'
import { runProgram } from '../../support/program.js'
import { slow } from '../../support/slow.js'
import type { MadeLayer } from './layered-images.js'
import { damage, partialsOf, usePullFixture } from './pull-fixture.js'

const fixture = usePullFixture()
const seed = Number(process.env.TSC_TEST_SEED ?? Date.now() % 1_000_000)
const kills = 20
let layers: readonly MadeLayer[]

beforeAll(async () => {
  const { layout, ref } = fixture
  layers = [
    await layout.layer('base', 'rootfs'),
    await layout.layer('one', { bytes: 3_000_000 }),
    await layout.layer('two', { bytes: 5_000_000 }),
  ]
  await layout.image(layers, { name: 'app:1' })
  await layout.push('app:1', `docker://${ref('app:1')}`)
})

// A generator that needs no state of its own but this (mulberry32).
let state = seed
const random = (): number => {
  state = (state + 0x6d2b79f5) | 0
  let t = Math.imul(state ^ (state >>> 15), 1 | state)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}

const program = () => `
import { Engine, Image } from 'tscontainer'
const engine = await Engine.open(${JSON.stringify({ root: fixture.engine.root, runRoot: `${fixture.directory}/root-run` })})
process.stdout.write('ready\\n')
await Image.pull(${JSON.stringify(fixture.ref('app:1'))}, { engine })
process.stdout.write('done\\n')
await engine.close()
`

/** Pulls in a process of its own and kills it after that long; whether it had ended before. */
const pullAndKill = async (afterMs: number): Promise<boolean> => {
  const child = await runProgram(fixture.directory, 'killed', program())
  await child.line()
  const exit = once(child.process, 'exit')
  const timer = setTimeout(() => child.process.kill('SIGKILL'), afterMs)
  const [code] = await exit
  clearTimeout(timer)
  return code === 0
}

test(
  `kill -9 at ${kills} random moments leaves nothing that is half (TSC_TEST_SEED=${seed})`,
  async () => {
    console.log(`TSC_TEST_SEED=${seed}`)
    const { engine, registry, ref } = fixture
    await engine.info()
    registry.blobRate = 5_000_000
    let resumed = 0
    for (let round = 0; round < kills; round++) {
      const before = (await partialsOf(engine.root)).length
      const ended = await pullAndKill(random() * 1200)
      if (before > 0) resumed++
      expect(await damage(engine.root), `round ${round}`).toEqual([])
      const images = await Image.list({ engine })
      expect(images.length, `round ${round}`).toBeLessThanOrEqual(1)
      for (const image of images) expect(image.layers.map(({ diffId }) => diffId)).toEqual(layers.map((l) => l.diffId))
      if (!ended && images.length === 0) continue
      for (const image of images) await image.remove()
      await Image.prune({ engine })
    }
    expect(resumed).toBeGreaterThan(0)
    registry.blobRate = undefined
    const image = await Image.pull(ref('app:1'), { engine })
    const { stdout } = await Container.runOnce(image, ['/bin/busybox', 'ls', '/data'], { engine, network: 'none' })
    expect(stdout).toBe('one\ntwo\n')
    expect(await partialsOf(engine.root)).toEqual([])
  },
  240_000 * slow,
)
