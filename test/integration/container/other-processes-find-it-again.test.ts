// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { Container, type LogEntry, type Stats } from '../../../src/index.js'
import { type RunningProgram, runProgram } from '../../support/program.js'
import { slow } from '../../support/slow.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const top = join(dirname(fileURLToPath(import.meta.url)), '../../..')

/** A Node of its own that owns a container, tells of its life, and ends with it. */
const ownerOf = async (name: string, script: string): Promise<RunningProgram> =>
  await runProgram(
    host.directory,
    `owns-${name}`,
    `import { Container, Engine, Image } from 'tscontainer'
     const engine = await Engine.open({ root: '${host.root}', runRoot: '${host.runRoot}' })
     const image = await Image.host({ engine })
     const box = await Container.run(image, {
       engine, name: '${name}', labels: { owner: '${name}' }, command: ['sh', '-c', ${JSON.stringify(script)}],
       on: {
         paused: () => console.log('paused'),
         stopped: ({ exit }) => console.log('stopped ' + exit.code),
         removed: () => console.log('removed'),
       },
     })
     console.log(box.id)
     await box.wait({ condition: 'removed' })
     await engine.close()`,
  )

test('everything that its owner can do with it', async () => {
  const owner = await ownerOf('shared', 'trap "echo bye; exit 7" TERM; echo hello; while :; do sleep 0.02; done')
  const id = await owner.line()
  const { engine } = host

  const box = await Container.get('shared', { engine })
  expect(box).toMatchObject({ id, state: 'running', labels: { owner: 'shared' }, pid: expect.any(Number) })
  expect(await Container.get(id, { engine })).toMatchObject({ id })
  expect(await Container.get(id.slice(0, 12), { engine })).toMatchObject({ id })
  expect((await Container.list({ engine, labels: { owner: 'shared' } })).map((found) => found.id)).toEqual([id])

  const lines: string[] = []
  const reading = (async () => {
    for await (const { line } of box.logs({ follow: true }) as AsyncIterable<LogEntry>) lines.push(line)
  })()
  const samples: Stats[] = []
  const sampling = (async () => {
    for await (const sample of box.stats({ intervalMs: 50 })) samples.push(sample)
  })()
  const seen: string[] = []
  for (const type of ['running', 'paused', 'stopped', 'removed'] as const) box.on(type, () => seen.push(type))

  expect((await box.exec(['cat'], { stdin: 'in and out' })).stdout).toBe('in and out')
  const sleeping = box.exec(['sleep', '1000'], { check: false })
  await sleeping.spawned()
  await sleeping.kill('SIGTERM')
  expect(await sleeping).toMatchObject({ signal: 'SIGTERM' })
  expect((await box.processes()).length).toBeGreaterThan(1)
  if ((await engine.info()).cgroup.controllers.includes('freeze')) {
    await box.pause()
    expect(await owner.line()).toBe('paused')
    await box.resume()
  } else seen.push('paused', 'running')

  const waiting = box.wait()
  expect(await box.stop()).toMatchObject({ code: 7 })
  expect(await waiting).toMatchObject({ code: 7 })
  expect(await owner.line()).toBe('stopped 7')
  await Promise.all([reading, sampling])
  expect(lines).toEqual(['hello', 'bye'])
  expect(samples.length).toBeGreaterThan(0)
  await box.remove()
  expect(await owner.line()).toBe('removed')
  expect(seen).toEqual(['paused', 'running', 'stopped', 'removed'])
  expect(await owner.ended()).toMatchObject({ code: 0 })
})

test('when its owner is killed, whoever waits for it elsewhere is told', async () => {
  const owner = await ownerOf('orphan', 'echo hello; sleep 1000')
  await owner.line()
  const box = await Container.get('orphan', { engine: host.engine })
  const removed = new Promise<void>((resolve) => box.once('removed', () => resolve()))
  const waiting = box.wait()
  const gone = box.wait({ condition: 'removed' })
  const reading = (async () => {
    const lines: string[] = []
    for await (const { line } of box.logs({ follow: true })) lines.push(line)
    return lines
  })()
  const exec = box.exec(['sleep', '1000'], { check: false })
  await exec.spawned()
  owner.process.kill('SIGKILL')
  expect(await waiting).toMatchObject({ code: 137, signal: 'SIGKILL' })
  expect(await exec).toMatchObject({ signal: 'SIGKILL' })
  await Promise.all([removed, gone, reading])
  expect(box).toMatchObject({ state: 'removed', pid: null })
  await expect(box.exec(['true'])).rejects.toMatchObject({ code: 'ERR_CONTAINER_NOT_FOUND' })
  await expect(box.start()).rejects.toMatchObject({ code: 'ERR_CONTAINER_NOT_FOUND' })
  await expect(Container.get('orphan', { engine: host.engine })).rejects.toMatchObject({
    code: 'ERR_CONTAINER_NOT_FOUND',
  })
})

// A handle is of one container, whatever its name and its process number are given to later.
test('a handle never reaches another container of the same name', async () => {
  const owner = await ownerOf('again', 'sleep 1000')
  const first = await owner.line()
  const old = await Container.get('again', { engine: host.engine })
  owner.process.kill('SIGKILL')
  await old.wait({ condition: 'removed' })
  const box = await host.run({ name: 'again', command: ['sleep', '1000'] })
  expect(box.id).not.toBe(first)
  for (const act of [() => old.kill(), () => old.stop(), () => old.pause(), () => old.exec(['true'])]) {
    await expect(act()).rejects.toMatchObject({ code: 'ERR_CONTAINER_NOT_FOUND' })
  }
  await old.remove({ force: true })
  expect(await Container.get('again', { engine: host.engine })).toMatchObject({ id: box.id, state: 'running' })
  await box.remove({ force: true })
})

// The built package: fifty programs that compile their imports first would take a minute.
const racer = () => `
  const { Container, Engine, Image } = require(${JSON.stringify(join(top, 'dist/index.cjs'))})
  const main = async () => {
    const engine = await Engine.open({ root: '${host.root}', runRoot: '${host.runRoot}' })
    const image = await Image.host({ engine })
    await engine.info()
    console.log('ready')
    await new Promise((resolve) => process.stdin.once('data', resolve))
    const outcome = await Container.create(image, { engine, name: 'only-one', command: ['true'] }).then(
      ({ id }) => ({ id }), ({ code, message }) => ({ code, message }))
    console.log(JSON.stringify(outcome))
    await new Promise((resolve) => process.stdin.once('end', resolve))
    await engine.close()
  }
  main()`

test(
  'of fifty processes that want one name exactly one gets it',
  async () => {
    const path = join(host.directory, 'racer.cjs')
    await writeFile(path, racer())
    const processes: ChildProcess[] = []
    const outputs: AsyncIterator<string>[] = []
    for (let i = 0; i < 50; i++) {
      const child = spawn(process.execPath, [path], { stdio: ['pipe', 'pipe', 'inherit'] })
      processes.push(child)
      outputs.push(createInterface({ input: child.stdout! })[Symbol.asyncIterator]())
    }
    const lines = () => Promise.all(outputs.map(async (output) => (await output.next()).value as string))
    expect(new Set(await lines())).toEqual(new Set(['ready']))
    for (const { stdin } of processes) stdin?.write('go\n')
    const outcomes = (await lines()).map((line) => JSON.parse(line) as { id?: string; code?: string; message?: string })
    const winners = outcomes.filter(({ id }) => id !== undefined)
    expect(winners).toHaveLength(1)
    const losers = outcomes.filter(({ id }) => id === undefined)
    expect(new Set(losers.map(({ code }) => code))).toEqual(new Set(['ERR_NAME_IN_USE']))
    expect(losers[0]?.message).toContain('only-one')
    expect(await Container.get('only-one', { engine: host.engine })).toMatchObject({ id: winners[0]?.id })
    expect(await Container.list({ engine: host.engine, all: true })).toHaveLength(1)
    const ends = processes.map((child) => once(child, 'exit'))
    for (const { stdin } of processes) stdin?.end()
    expect(new Set((await Promise.all(ends)).map(([code]) => code))).toEqual(new Set([0]))
    await expect.poll(() => Container.list({ engine: host.engine, all: true })).toEqual([])
  },
  120_000 * slow,
)
