// SPDX-License-Identifier: Apache-2.0
// A program that uses an engine, in a process of its own which may die: does what it is told on standard input, one JSON line a step.
import { createInterface } from 'node:readline'
import { Container, Engine, EngineError, type Execution, Image, Volume } from '../../src/index.js'
import type { BoxOptions, Call, Deeds } from './deeds.js'

const [root, runRoot] = process.argv.slice(2)
if (root === undefined || runRoot === undefined) throw new Error('actor ROOT RUN-ROOT')

let engine = await Engine.open({ root, runRoot })
const boxes = new Map<string, Container>()
const running = new Map<string, Execution>()

const box = (name: string): Container => {
  const found = boxes.get(name)
  if (!found) throw new Error(`there is no ${name}`)
  return found
}

const make = async ({ image: name, ...options }: BoxOptions): Promise<string> => {
  const image = name ?? (await Image.host({ engine }))
  const made = await Container.create(image, { command: ['sleep', '1000'], ...options, engine })
  boxes.set(options.name, made)
  return made.id
}

const deeds: Deeds = {
  open: async () => {
    await engine.close()
    boxes.clear()
    engine = await Engine.open({ root, runRoot })
    return (await engine.info()).supervisorPid
  },
  info: async () => (await engine.info()).supervisorPid,
  image: async () => (await Image.host({ engine })).id,
  create: make,
  start: (name) => box(name).start(),
  run: async (options) => {
    const id = await make(options)
    await box(options.name).start()
    return id
  },
  exec: async ({ name, script }) => (await box(name).sh(script)).stdout,
  spawn: async ({ name, script }) => {
    const execution = box(name).sh(script)
    execution.catch(() => {})
    running.set(name, execution)
    await execution.spawned()
  },
  settled: async (name) => {
    await running.get(name)
  },
  pid: async (name) => box(name).pid,
  pause: (name) => box(name).pause(),
  resume: (name) => box(name).resume(),
  stop: async (name) => await box(name).stop({ timeoutMs: 0 }),
  wait: async (name) => await box(name).wait(),
  waitRemoved: async (name) => await box(name).wait({ condition: 'removed' }),
  remove: (name) => box(name).remove({ force: true }),
  get: async (name) => {
    const found = await Container.get(name, { engine })
    boxes.set(name, found)
    return { state: found.state, exit: found.exit, pid: found.pid }
  },
  logs: async (name) => {
    const lines: string[] = []
    for await (const { line } of box(name).logs()) lines.push(line)
    return lines
  },
  names: async () => (await Container.list({ engine, all: true })).map(({ name }) => name),
  clear: async () => {
    for (const container of await Container.list({ engine, all: true }))
      await container.remove({ force: true, volumes: true })
    await Volume.prune({ engine, all: true })
  },
  import: async (file) => (await Image.import(file, { engine, tag: 'crash:1' })).id,
  load: async (file) => (await Image.load(file, { engine })).id,
  images: async () => (await Image.list({ engine })).flatMap(({ tags }) => tags),
  pull: async (reference) => (await Image.pull(reference, { engine })).id,
  save: async ({ name, path }) => await (await Image.get(name, { engine })).save(path),
  commit: async ({ name, tag }) => (await box(name).commit({ tag })).id,
  removeImages: async () => {
    for (const image of await Image.list({ engine })) if (image.tags.length > 0) await image.remove({ force: true })
    await engine.prune()
  },
  close: () => engine.close(),
}

const answer = async ({ id, deed, argument }: Call): Promise<object> => {
  try {
    const value = await (deeds[deed] as (argument: unknown) => Promise<unknown>)(argument)
    return { id, value }
  } catch (error) {
    if (!EngineError.is(error)) return { id, error: { code: 'none', message: String((error as Error).stack ?? error) } }
    return { id, error: { code: error.code, message: error.message } }
  }
}

console.log('{"ready":true}')
for await (const line of createInterface({ input: process.stdin })) {
  void answer(JSON.parse(line)).then((reply) => console.log(JSON.stringify(reply)))
}
await engine.close()
