// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { Container, Engine } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

test('when the supervisor is killed its containers are gone, who waits is told, and the next operation starts another', async () => {
  const { engine } = host
  const seen: string[] = []
  engine.on('removed', ({ container }) => seen.push(container.name))
  const box = await host.run({ command: ['sleep', '1000'], name: 'doomed' })
  const waiting = box.wait()
  const removed = box.wait({ condition: 'removed' })
  const running = box.exec(['sleep', '1000'])
  await running.spawned()
  process.kill((await engine.info()).supervisorPid, 'SIGKILL')
  await expect(waiting).rejects.toMatchObject({ code: 'ERR_SUPERVISOR_LOST' })
  await expect(running).rejects.toMatchObject({ code: 'ERR_SUPERVISOR_LOST' })
  await expect(removed).rejects.toMatchObject({ code: 'ERR_CONTAINER_STATE' })
  expect(box.state).toBe('removed')
  expect(seen).toEqual(['doomed'])
  expect(await Container.list({ engine, all: true })).toEqual([])
  const next = await host.run({ command: ['true'], name: 'doomed' })
  expect(await next.wait()).toMatchObject({ code: 0 })
  await next.remove()
})

test('a detached container outlives the supervisor', async () => {
  const { engine } = host
  const box = await host.run({ command: ['sleep', '1000'], detached: true })
  process.kill((await engine.info()).supervisorPid, 'SIGKILL')
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(box.state).toBe('running')
  expect((await box.exec(['echo', 'alive'])).stdout).toBe('alive\n')
  expect((await Container.get(box.name, { engine })).state).toBe('running')
  await box.remove({ force: true })
})

test('closing an engine tells those who wait for what is not its own', async () => {
  const own = await host.run({ command: ['sleep', '1000'], detached: true })
  const shared = await host.run({ command: ['sh', '-c', 'echo line; sleep 1000'] })
  const other = await Engine.open({ root: host.root, runRoot: host.runRoot })
  const [first, second] = await Promise.all([own, shared].map(({ id }) => Container.get(id, { engine: other })))
  const follow = async (box: Container | undefined) => {
    for await (const _ of box?.logs({ follow: true }) ?? []);
  }
  const pending = [
    first?.wait({ condition: 'removed' }),
    second?.wait({ condition: 'removed' }),
    follow(first),
    follow(second),
  ].map((promise) => promise?.then(() => 'ended').catch((error: { code: string }) => error.code))
  await new Promise((resolve) => setTimeout(resolve, 100))
  await other.close()
  expect(await Promise.all(pending)).toEqual(Array(4).fill('ERR_ENGINE_CLOSED'))
  expect((await shared.inspect()).state).toBe('running')
  await own.remove({ force: true })
  await shared.remove({ force: true })
})
