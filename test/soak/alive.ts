// SPDX-License-Identifier: Apache-2.0
import { strict as assert } from 'node:assert'
import { Container, Engine, Image } from '../../src/index.js'
import type { World } from '../crash/world.js'
import { type Sample, sampleAtRest } from './sample.js'

/** So many containers that are there at once. */
export interface AliveResult {
  readonly containers: number
  readonly createSeconds: number
  readonly execSeconds: number
  readonly removeSeconds: number
  readonly before: Sample
  readonly during: Sample
  readonly after: Sample
  readonly wrong: readonly string[]
}

const atOnce = 32

const forEach = async <T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<number> => {
  const started = performance.now()
  let next = 0
  const worker = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return (performance.now() - started) / 1000
}

const room = { processes: 1, cgroups: 6, mounts: 0, links: 0, files: 4, descriptors: 30, engine: 8192 } as const

// One more may be kept ready for the next container than before, with its descriptors and cgroups. The last events are kept, which takes memory.
const grown = (before: Sample, after: Sample): readonly string[] =>
  (Object.keys(room) as (keyof typeof room)[])
    .filter((measure) => after[measure] > before[measure] + room[measure])
    .map((measure) => `${measure}: ${before[measure]} before, ${after[measure]} after`)

const asBefore = async (before: Sample, look: () => Promise<Sample>): Promise<Sample> => {
  for (let looks = 1; ; looks++) {
    const now = await look()
    if (looks === 20 || grown(before, now).length === 0) return now
  }
}

/** Makes them, has each say its name, sees all of them in the list, removes them; every fourth is on the default network. */
export const soakAlive = async (world: World, containers: number): Promise<AliveResult> => {
  const engine = await Engine.open({ root: world.root, runRoot: world.runRoot })
  const image = await Image.host({ engine })
  const look = async (done: number) => await sampleAtRest(world, (await engine.info()).supervisorPid, done)
  // The network and the processes that wait for a container are there before and after.
  await (await Container.run(image, { engine, idle: true })).remove({ force: true })
  const before = await look(0)
  const numbers = Array.from({ length: containers }, (_, number) => number)
  const alive: Container[] = []
  const wrong: string[] = []
  const createSeconds = await forEach(numbers, async (number) => {
    const network = number % 4 === 0 ? 'bridge' : 'none'
    alive.push(await Container.run(image, { engine, name: `alive-${number}`, idle: true, network }))
  })
  const execSeconds = await forEach(alive, async (box) => {
    const { stdout } = await box.exec(['sh', '-c', `echo ${box.name}; cat /etc/hostname`])
    if (stdout !== `${box.name}\n${box.id.slice(0, 12)}\n`) wrong.push(`${box.name} says ${JSON.stringify(stdout)}`)
  })
  const listed = await Container.list({ engine })
  assert.equal(listed.length, containers)
  const during = await look(containers)
  const removeSeconds = await forEach(alive, (box) => box.remove({ force: true }))
  assert.equal((await Container.list({ engine, all: true })).length, 0)
  const after = await asBefore(before, () => look(containers))
  wrong.push(...grown(before, after))
  await engine.close()
  return { containers, createSeconds, execSeconds, removeSeconds, before, during, after, wrong }
}
