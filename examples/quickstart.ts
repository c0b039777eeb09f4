// SPDX-License-Identifier: Apache-2.0
// What the engine does, in a minute: `npm run quickstart`, or after a build `npx tsx examples/quickstart.ts`.
import { Container, type ContainerOptions, Engine, EngineError, Image } from 'tscontainer'

const report = await Engine.probe()
if (!report.usable) {
  console.error(String(report))
  process.exit(3)
}
console.log(String(report))

/** Does one thing, says what, and how long it took. */
const step = async <T>(title: string, work: () => Promise<T>): Promise<T> => {
  console.log(`\n${title}`)
  const started = performance.now()
  const result = await work()
  console.log(`  (${(performance.now() - started).toFixed(1)} ms)`)
  return result
}
const say = (line: string): void => console.log(`  ${line}`)

// An ordinary user has limits only where the system hands down a part of the cgroup tree. What cannot be held is a typed error.
const unlessLimitsAreMissing = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await work()
  } catch (error) {
    if (!EngineError.is(error, 'ERR_LIMIT_UNSUPPORTED')) throw error
    say(`not here: ${error.message}`)
    if (error.hint) say(`to get it: ${error.hint}`)
    return undefined
  }
}

const mine = { 'dev.example.quickstart': String(process.pid) }
const limits: ContainerOptions = { memory: '64MiB', cpus: 0.5, pidsLimit: 64 }
const imagesBefore = new Set((await Image.list()).map(({ id }) => id))
let image: Image | undefined

const makeImage = async (): Promise<Image> => {
  const made = await Image.host()
  say(`${made.id}: the machine's own /usr, read-only; nothing is downloaded`)
  return made
}

const startBox = async (from: Image): Promise<Container> => {
  const idle = { idle: true, labels: mine } satisfies ContainerOptions
  const limited = await unlessLimitsAreMissing(() => Container.run(from, { ...idle, ...limits }))
  if (limited) say('limited to 64 MiB of memory, half a processor and 64 processes')
  const box = limited ?? (await Container.run(from, idle))
  say(`${box.name} is ${box.state}`)
  return box
}

const streamOutput = async (box: Container): Promise<void> => {
  const count = box.sh('echo "I am process $$ of $(hostname)"; for i in 1 2 3; do echo "line $i"; sleep 0.1; done')
  const started = performance.now()
  for await (const line of count.stdout.lines()) say(`after ${Math.round(performance.now() - started)} ms: ${line}`)
  const { exitCode, usage } = await count
  say(`exit code ${exitCode}, ${usage.cpuMs.toFixed(1)} ms of processor time`)
}

const runOutOfMemory = async (from: Image): Promise<void> => {
  // `tail` keeps a line until it ends, and this one never does.
  const options: ContainerOptions = {
    command: ['tail', '/dev/zero'],
    memory: '64MiB',
    labels: mine,
    on: { oom: ({ container }) => say(`event: oom in ${container.name}`) },
  }
  const hungry = await unlessLimitsAreMissing(() => Container.run(from, options))
  if (!hungry) return
  try {
    const exit = await hungry.wait()
    say(`it ended with ${exit.code} (${exit.signal}), oomKilled: ${exit.oomKilled}`)
  } finally {
    await hungry.remove({ force: true })
  }
}

const crash = async (from: Image): Promise<void> => {
  const crashing = await Container.create(from, { command: ['sh', '-c', 'kill -SEGV $$'], labels: mine })
  try {
    crashing.on('stopped', ({ exit }) => say(`event: stopped, ${exit.signal}`))
    await crashing.start()
    const exit = await crashing.wait()
    say(`exit status ${exit.code}: 128 + the number of ${exit.signal}`)
  } finally {
    await crashing.remove({ force: true })
  }
}

const removeEverything = async (): Promise<void> => {
  for (const box of await Container.list({ all: true, labels: mine })) await box.remove({ force: true })
  // An image that was there before, or that another program has begun to use, is not ours to remove.
  if (image && !imagesBefore.has(image.id)) {
    await image.remove().catch((error: unknown) => {
      if (!EngineError.is(error, 'ERR_IMAGE_IN_USE') && !EngineError.is(error, 'ERR_IMAGE_NOT_FOUND')) throw error
    })
  }
  const left = await Container.list({ all: true, labels: mine })
  say(`${left.length} containers left`)
}

const started = performance.now()
try {
  const made = await step('An image from this machine', makeImage)
  image = made
  const box = await step('A limited container', () => startBox(made))
  await step('A command in it, line by line as it comes', () => streamOutput(box))
  await step('A process that wants more memory than it may have', () => runOutOfMemory(made))
  await step('A crash', () => crash(made))
} finally {
  await step('Everything removed', removeEverything)
}
console.log(`\nDone in ${((performance.now() - started) / 1000).toFixed(2)} s.`)
