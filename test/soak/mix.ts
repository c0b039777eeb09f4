// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Container, Engine, Image, Network } from '../../src/index.js'
import { settle, type World } from '../crash/world.js'
import { makeRootfs, makeTar } from '../integration/image/rootfs.js'
import { startDockerRegistry } from '../support/registry/docker-registry.js'
import type { MixLine } from './mix-actor.js'
import { mixDeeds } from './mix-deeds.js'
import { type Sample, sample, sampleAtRest } from './sample.js'

/** Processes that do everything at once in one store. */
export interface MixResult {
  readonly processes: number
  readonly minutes: number
  readonly kills: number
  /** How often each thing was done. */
  readonly deeds: Readonly<Record<string, number>>
  readonly wrong: readonly string[]
  /** What was there when all had ended that should not have been. */
  readonly leftovers: readonly string[]
  /** At rest, before the first and after the last; and on the way. */
  readonly before: Sample
  readonly after: Sample
  readonly samples: readonly Sample[]
}

const killEveryMs = 5000
const sampleEveryMs = 10_000
// Until actors have ended what they were doing when they are asked to end, and the supervisor has left after them.
const endMs = 120_000

class Mix {
  readonly deeds: Record<string, number> = Object.fromEntries(Object.keys(mixDeeds).map((name) => [name, 0]))
  readonly wrong: string[] = []
  kills = 0
  #started = 0
  #ending = false
  readonly #actors = new Set<ChildProcess>()
  readonly #world: World
  readonly #registry: string

  constructor(world: World, registry: string) {
    this.#world = world
    this.#registry = registry
  }

  get done(): number {
    return Object.values(this.deeds).reduce((sum, count) => sum + count, 0)
  }

  start(): void {
    const name = `mix-${++this.#started}`
    const { program, root, runRoot } = this.#world
    const child = spawn(process.execPath, [program, root, runRoot, this.#registry, name], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#actors.add(child)
    child.stdin?.on('error', () => {})
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) => this.#take(name, JSON.parse(line) as MixLine))
    }
    child.on('exit', (code, signal) => {
      this.#actors.delete(child)
      if (signal === 'SIGKILL' || (code === 0 && this.#ending)) return
      this.wrong.push(`${name} ended with ${signal ?? code}`)
    })
  }

  #take(name: string, { deed, wrong }: MixLine): void {
    this.deeds[deed] = (this.deeds[deed] ?? 0) + 1
    if (wrong !== undefined) this.wrong.push(`${name} ${deed}: ${wrong}`)
  }

  killOne(): void {
    const all = [...this.#actors]
    all[Math.floor(Math.random() * all.length)]?.kill('SIGKILL')
    this.kills++
    this.start()
  }

  async end(): Promise<void> {
    this.#ending = true
    const exits = [...this.#actors].map((child) => once(child, 'exit'))
    for (const child of this.#actors) child.stdin?.end()
    const late = sleep(endMs, 'late', { ref: false })
    if ((await Promise.race([Promise.all(exits), late])) === 'late') this.wrong.push('some do not end')
    for (const child of this.#actors) child.kill('SIGKILL')
  }
}

const runFor = async (mix: Mix, minutes: number, look: () => Sample): Promise<readonly Sample[]> => {
  const deadline = performance.now() + minutes * 60_000
  const samples: Sample[] = []
  let [nextKill, nextSample] = [performance.now() + killEveryMs, performance.now() + sampleEveryMs]
  while (performance.now() < deadline) {
    await sleep(250)
    if (performance.now() > nextKill) {
      mix.killOne()
      nextKill += killEveryMs
    }
    if (performance.now() > nextSample) {
      samples.push(look())
      nextSample += sampleEveryMs
      console.log(`${mix.done} things done, ${mix.kills} killed, ${mix.wrong.length} wrong`)
    }
  }
  return samples
}

// Who was killed in the middle has left images, networks and volumes with names, which nobody but their owner may remove.
const empty = async (engine: Engine): Promise<void> => {
  for (const image of await Image.list({ engine })) {
    if (image.tags.some((tag) => tag.includes('mix-'))) await image.remove({ force: true })
  }
  await Network.prune({ engine })
  await engine.prune({ images: 'dangling', builds: true, volumes: 'all' })
}

/** Has that many processes do what {@link mixDeeds} are, and kills one every five seconds. */
export const soakMix = async (
  world: World,
  { processes, minutes }: { readonly processes: number; readonly minutes: number },
): Promise<MixResult> => {
  const registry = await startDockerRegistry(join(world.directory, 'registry'))
  const engine = await Engine.open({ root: world.root, runRoot: world.runRoot })
  const { supervisorPid } = await engine.info()
  try {
    const tar = await makeTar(await makeRootfs(join(world.directory, 'rootfs')), join(world.directory, 'rootfs.tar'))
    const image = await Image.import(tar, { engine, tag: 'base:1' })
    await image.push(`${registry.host}/base:1`)
    await Image.pull(`${registry.host}/base:1`, { engine })
    await (await Container.run(image, { engine, idle: true })).remove({ force: true })
    await engine.prune({ images: 'dangling', builds: true })
    const mix = new Mix(world, registry.host)
    const before = await sampleAtRest(world, supervisorPid, 0)
    for (let index = 0; index < processes; index++) mix.start()
    const samples = await runFor(mix, minutes, () => sample(world, supervisorPid, mix.done))
    await mix.end()
    const containers = await Container.list({ engine, all: true })
    for (const { name } of containers) mix.wrong.push(`${name} is still there`)
    await empty(engine)
    const after = await sampleAtRest(world, supervisorPid, mix.done)
    await engine.close()
    const leftovers = await settle(world, { timeoutMs: endMs })
    const { deeds, kills, wrong } = mix
    return { processes, minutes, kills, deeds, wrong, leftovers, before, after, samples }
  } finally {
    await registry.stop()
  }
}
