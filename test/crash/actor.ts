// SPDX-License-Identifier: Apache-2.0
// A program that uses an engine, in a process of its own which may die: does what it is told on standard input, one JSON line a step.
import { execFile } from 'node:child_process'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import {
  type BuildProgress,
  Container,
  type ContainerInspection,
  Engine,
  EngineError,
  type Execution,
  Image,
  Network,
  Volume,
} from '../../src/index.js'
import type { BoxOptions, Call, Deeds } from './deeds.js'
import { brokenPromises, isPromised, keepPromises } from './keepsakes.js'

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
  const made = await Container.create(image, { command: ['sleep', '1000'], network: 'none', ...options, engine })
  boxes.set(options.name, made)
  return made.id
}

// Found anew each time: a container that is gone is an error then, and so is one that nobody keeps up any more.
const until = async (name: string, reached: (seen: ContainerInspection) => boolean): Promise<void> => {
  for (;;) {
    const seen = await (await Container.get(name, { engine })).inspect()
    if (reached(seen)) return
    if (seen.state === 'stopped' && seen.nextRestartAt === null)
      throw new EngineError({ code: 'ERR_SUPERVISOR_LOST', message: `${name} is left stopped` })
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
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
  restarted: (name) => until(name, ({ restartCount }) => restartCount > 0),
  checked: (name) => until(name, ({ health }) => health?.status === 'healthy'),
  copyIn: ({ name, from }) => box(name).fs.copyIn(from, '/tmp/copied'),
  files: async (name) => {
    const { fs } = box(name)
    await fs.mkdir('/tmp/made/deep', { recursive: true })
    await fs.writeFile('/tmp/made/deep/file', 'content')
    const seen = `${await fs.readdir('/tmp/made/deep')} ${await fs.readFile('/tmp/made/deep/file', 'utf8')}`
    if (seen !== 'file content') throw new Error(`the files are ${seen}`)
    await fs.rm('/tmp/made', { recursive: true })
  },
  attach: async (name) => {
    const attachment = box(name).attach()
    attachment.ended().catch(() => {})
    const writer = attachment.stdin?.getWriter()
    // Nobody reads it where the supervisor died: EPIPE, as of any stream.
    await writer?.write('typed\n').catch(() => {})
    writer?.releaseLock()
    let line: string | undefined
    for await (line of attachment.stdout.lines()) break
    await attachment.detach()
    // Where the supervisor died there is no line, or an error.
    if (line !== 'typed') await box(name).refresh()
  },
  detachedExec: async (name) => {
    const execution = box(name).exec(['sleep', '1000'], { detached: true, check: false })
    execution.catch(() => {})
    await execution.spawned()
    const found = await box(name).getExec(execution.id)
    await found.kill('SIGKILL')
    await found.wait()
  },
  network: async (name) => (await Network.create({ engine, name })).id,
  networks: async () => (await Network.list({ engine })).map(({ name }) => name),
  connect: async ({ network, name }) => (await Network.get(network, { engine })).connect(name),
  disconnect: async ({ network, name }) => (await Network.get(network, { engine })).disconnect(name),
  removeNetwork: async (name) => (await Network.get(name, { engine })).remove(),
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
  volume: async (name) => void (await Volume.create({ engine, name })),
  removeVolume: async (name) => (await Volume.get(name, { engine })).remove(),
  write: ({ name, path, text }) => box(name).fs.writeFile(path, text),
  untag: async (name) => (await Image.get(name, { engine })).remove(),
  prune: async () => void (await engine.prune()),
  crash: async () => {
    process.kill((await engine.info()).supervisorPid, 'SIGKILL')
  },
  promise: (rootTar) => keepPromises(engine, rootTar),
  broken: (how) => brokenPromises(engine, how),
  clear: async () => {
    for (const container of await Container.list({ engine, all: true }))
      if (!isPromised(container.name)) await container.remove({ force: true, volumes: true })
    await Volume.prune({ engine, all: true })
    for (const network of await Network.list({ engine })) if (!isPromised(network.name)) await network.remove()
  },
  removeAll: async () => {
    for (const container of await Container.list({ engine, all: true })) await container.remove({ force: true })
    for (const network of await Network.list({ engine })) await network.remove()
  },
  import: async (file) => (await Image.import(file, { engine, tag: 'crash:1' })).id,
  load: async (file) => (await Image.load(file, { engine })).id,
  build: async ({ text, tag, context, secret }) => {
    const done: string[] = []
    const onProgress = (event: BuildProgress) => {
      if (event.type === 'done') done.push(event.step.name.replace(/^\[[^\]]*\] /, ''))
    }
    const options = { dockerfileText: text, context, secrets: { token: secret }, tags: [tag], network: 'none' } as const
    const { id } = await Image.build({ engine, ...options, onProgress })
    return { id, done }
  },
  grep: async (text) => {
    const found = await promisify(execFile)('grep', ['-rlFs', text, root, runRoot]).catch((error) => error)
    return found.stdout.split('\n').filter(Boolean)
  },
  images: async () => (await Image.list({ engine })).flatMap(({ tags }) => tags),
  pull: async (reference) => (await Image.pull(reference, { engine })).id,
  save: async ({ name, path }) => await (await Image.get(name, { engine })).save(path),
  commit: async ({ name, tag }) => (await box(name).commit({ tag })).id,
  removeImages: async () => {
    for (const image of await Image.list({ engine }))
      if (image.tags.length > 0 && !image.tags.some(isPromised)) await image.remove({ force: true })
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
