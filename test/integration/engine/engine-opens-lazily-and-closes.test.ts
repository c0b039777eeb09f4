// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Container, Engine, EngineError, Image } from '../../../src/index.js'
import { scratchBase, useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

test('opening starts nothing and writes nothing; the first operation does', async () => {
  const directory = await mkdtemp(join(scratchBase(), 'tsc-'))
  const directories = { root: join(directory, 'root'), runRoot: join(directory, 'run') }
  const engine = await Engine.open(directories)
  expect(engine.root).toBe(directories.root)
  expect(existsSync(directories.root) || existsSync(directories.runRoot)).toBe(false)
  expect(await Container.list({ engine })).toEqual([])
  expect(existsSync(join(directories.runRoot, 'v1/supervisor.sock'))).toBe(true)
  await engine.close()
  expect(existsSync(join(directories.runRoot, 'v1/supervisor.sock')), 'the last one has waited for its end').toBe(false)
  await expect(Container.list({ engine })).rejects.toMatchObject({ code: 'ERR_ENGINE_CLOSED' })
  await expect(Image.list({ engine })).rejects.toMatchObject({ code: 'ERR_ENGINE_CLOSED' })
  await rm(directory, { recursive: true })
})

test("closing takes what was the last one's away before it resolves", async () => {
  const directory = await mkdtemp(join(scratchBase(), 'tsc-'))
  const directories = { root: join(directory, 'root'), runRoot: join(directory, 'run') }
  const first = await Engine.open(directories)
  const second = await Engine.open(directories)
  await Container.run(await Image.host({ engine: first }), { engine: first, idle: true })
  await second.info()
  const socket = join(directories.runRoot, 'v1/supervisor.sock')
  await first.close()
  expect(existsSync(socket), 'who is still here keeps it').toBe(true)
  expect(await Container.list({ engine: second, all: true })).toEqual([])
  await second.close()
  expect(existsSync(socket)).toBe(false)
  await rm(directory, { recursive: true })
})

test('two engines of one root in one process share its containers, by event and by name', async () => {
  const other = await Engine.open({ root: host.root, runRoot: host.runRoot })
  const seen: string[] = []
  other.on('running', ({ container }) => seen.push(container.name))
  expect(await Container.list({ engine: other, all: true })).toEqual([])
  const box = await host.run({ command: ['sleep', '1000'], name: 'shared' })
  const same = await Container.get('shared', { engine: other })
  expect(same.id).toBe(box.id)
  expect((await same.exec(['echo', 'x'])).stdout).toBe('x\n')
  expect(seen).toEqual(['shared'])
  await other.close()
  expect((await box.inspect()).state).toBe('running')
  await box.remove({ force: true })
})

test('tells what it is and what it takes', async () => {
  const box = await host.run({ command: ['sleep', '1000'] })
  const info = await host.engine.info()
  expect(info).toMatchObject({ root: host.root, runRoot: host.runRoot, containers: { total: 1, running: 1 } })
  expect(info.rootless).toBe(process.getuid?.() !== 0)
  const usage = await host.engine.diskUsage()
  expect(usage.layers.count).toBeGreaterThan(0)
  expect(usage.blobs.bytes).toBeGreaterThan(0)
  await box.remove({ force: true })
})

test('prunes what has ended', async () => {
  const box = await host.run({ command: ['true'] })
  await box.wait()
  const pruned = await host.engine.prune()
  expect(pruned.containers).toEqual([box.id])
})

test('the options that all containers start from hold where they say nothing', async () => {
  const engine = await Engine.open({
    root: host.root,
    runRoot: host.runRoot,
    defaults: { env: { FROM: 'engine', BOTH: 'engine' }, hostname: 'usual' },
  })
  const image = await Image.host({ engine })
  const run = Container.runOnce(image, ['sh', '-c', 'echo $FROM $BOTH; hostname'], { engine, env: { BOTH: 'own' } })
  expect((await run).stdout).toBe('engine own\nusual\n')
  await engine.close()
})

test('refuses options that are unknown, malformed or not done yet', async () => {
  const code = async (options: object) => {
    const error: unknown = await Engine.open(options).catch((reason: unknown) => reason)
    return EngineError.is(error) ? `${error.code} ${error.option}` : error
  }
  expect(await code({ rot: '/x' })).toBe('ERR_INVALID_ARGUMENT rot')
  expect(await code({ root: 'relative' })).toBe('ERR_INVALID_ARGUMENT root')
  expect(await code({ defaults: { memory: 'much' } })).toBe('ERR_INVALID_ARGUMENT memory')
  expect(await code({ plugins: { networks: {} } })).toBe('ERR_INVALID_ARGUMENT plugins.networks')
  expect(await code({ plugins: { logs: { none: {} } } })).toBe('ERR_INVALID_ARGUMENT plugins.logs.none')
  expect(await code({ plugins: { credentials: {} } })).toBe('ERR_INVALID_ARGUMENT plugins.credentials.get')
  expect(await code({ plugins: { volumes: { mine: { create() {} } } } })).toBe(
    'ERR_INVALID_ARGUMENT plugins.volumes.mine.remove',
  )
  expect(await code({ plugins: { volumes: { local: {} } } })).toBe('ERR_INVALID_ARGUMENT plugins.volumes.local')
})

test('probing says what the machine can do, in words too', async () => {
  const report = await Engine.probe()
  expect(report.usable).toBe(true)
  expect(report.kernel).toMatch(/^\d+\.\d+/)
  expect(report.rootless).toBe(process.getuid?.() !== 0)
  for (const { problem, fix, fatal } of report.lacks) {
    expect(problem && fix).toBeTruthy()
    expect(fatal).toBe(false)
  }
  expect(String(report)).toContain('This machine can run containers')
})
