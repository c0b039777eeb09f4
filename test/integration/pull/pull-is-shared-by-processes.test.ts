// SPDX-License-Identifier: Apache-2.0
import { beforeAll, expect, test } from 'vitest'
import { Image } from '../../../src/index.js'
import { type RunningProgram, runProgram } from '../../support/program.js'
import { slow } from '../../support/slow.js'
import { run } from '../image/rootfs.js'
import type { MadeLayer } from './layered-images.js'
import { damage, layersOf, partialsOf, usePullFixture } from './pull-fixture.js'

const fixture = usePullFixture()
const slowly = 120_000 * slow
let layers: readonly MadeLayer[]

beforeAll(async () => {
  const { layout, ref } = fixture
  layers = [
    await layout.layer('base', 'rootfs'),
    await layout.layer('one', { bytes: 4_000_000 }),
    await layout.layer('two', { bytes: 3_000_000 }),
    await layout.layer('three', { bytes: 2_000_000 }),
  ]
  const [base, one, two, three] = layers as [MadeLayer, MadeLayer, MadeLayer, MadeLayer]
  await layout.image([base, one], { name: 'app:1' })
  await layout.image([base, one, two], { name: 'app:2' })
  await layout.image([base, one, three], { name: 'app:3' })
  for (const name of ['app:1', 'app:2', 'app:3']) await layout.push(name, `docker://${ref(name)}`)
})

const program = (body: string) => `
import { Engine, Image } from 'tscontainer'
const engine = await Engine.open(${JSON.stringify({ root: fixture.engine.root, runRoot: `${fixture.directory}/root-run` })})
const line = (text) => process.stdout.write(text + '\\n')
const told = new Promise((resolve) => process.stdin.once('data', resolve))
line('ready')
${body}
await engine.close()
`

const puller = (name: string) =>
  program(`
await new Promise((resolve) => setTimeout(resolve, ${startAt} - Date.now()))
const phases = []
const pull = Image.pull(${JSON.stringify(fixture.ref(name))}, { engine })
for await (const event of pull) if (event.type === 'layer') phases.push(event.phase)
line((await pull).layers.length + ' ' + (phases.includes('done') ? 'brought' : 'found'))
`)

const pruner = () =>
  program(`
for (let end = Date.now() + 6000; Date.now() < end; ) {
  await Image.prune({ engine })
  await new Promise((resolve) => setTimeout(resolve, 5))
}
line('pruned')
`)

let startAt = 0

const together = async (texts: readonly (() => string)[]): Promise<readonly string[]> => {
  startAt = Date.now() + 4000
  const programs: RunningProgram[] = []
  for (const [index, text] of texts.entries()) programs.push(await runProgram(fixture.directory, `p${index}`, text()))
  return await Promise.all(
    programs.map(async (each) => {
      expect(await each.line()).toBe('ready')
      const { code, output, errors } = await each.ended()
      expect(errors).toBe('')
      expect(code).toBe(0)
      return output.trim().split('\n').at(-1)!
    }),
  )
}

test(
  'ten processes bring one image once',
  async () => {
    fixture.registry.seen.length = 0
    const said = await together(Array.from({ length: 10 }, () => () => puller('app:1')))
    expect(said.every((line) => line.startsWith('2 '))).toBe(true)
    const { requests, bytes } = fixture.registry.blobTraffic()
    // Two layers and a config.
    expect(requests).toBe(3)
    expect(bytes).toBeLessThan(layers[0]!.blob.size + layers[1]!.blob.size + 2000)
    expect(said.filter((line) => line.endsWith('brought')).length).toBeLessThanOrEqual(2)
    expect(await partialsOf(fixture.engine.root)).toEqual([])
  },
  slowly,
)

test(
  'ten processes bring three images while another prunes, and other tools find the store valid',
  async () => {
    const { engine, ref } = fixture
    for (const image of await Image.list({ engine })) await image.remove()
    expect(await layersOf(engine.root)).toEqual([])
    const names = ['app:1', 'app:2', 'app:3']
    const said = await together([
      pruner,
      ...Array.from({ length: 10 }, (_, index) => () => puller(names[index % names.length]!)),
    ])
    expect(said[0]).toBe('pruned')
    expect(said.slice(1).map((line) => line[0])).toEqual(['2', '3', '3', '2', '3', '3', '2', '3', '3', '2'])
    expect(await damage(engine.root)).toEqual([])
    expect(await layersOf(engine.root)).toHaveLength(4)
    for (const name of names) {
      const seen = JSON.parse(await run('skopeo', 'inspect', `oci:${engine.root}:${ref(name)}`))
      expect(seen.Digest).toBe((await Image.get(ref(name), { engine })).digest)
    }
    expect(await run('umoci', 'list', '--layout', engine.root)).toContain(ref('app:1'))
  },
  slowly,
)

test(
  'calls of one process share what they bring',
  async () => {
    const { engine, registry, ref } = fixture
    for (const image of await Image.list({ engine })) await image.remove()
    registry.seen.length = 0
    await Promise.all(['app:1', 'app:2', 'app:3', 'app:1'].map((name) => Image.pull(ref(name), { engine })))
    // Four layers and three configs.
    expect(registry.blobTraffic().requests).toBe(7)
  },
  slowly,
)
