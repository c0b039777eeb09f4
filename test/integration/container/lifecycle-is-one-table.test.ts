// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Container, EngineError } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const sleeper = { command: ['sleep', '1000'] }

describe('a container', () => {
  test('is created, runs, ends with its status, and is gone when removed', async () => {
    const box = await host.create({ command: ['sh', '-c', 'exit 7'] })
    expect(box).toMatchObject({ state: 'created', exit: null })
    expect(box.id).toMatch(/^[0-9a-f]{64}$/)
    expect(box.name).toMatch(/^[a-z]+_[a-z]+/)
    await box.start()
    const exit = await box.wait()
    expect(exit).toMatchObject({ code: 7, signal: null, oomKilled: false })
    expect(exit.finishedAt.getTime()).toBeGreaterThanOrEqual(exit.startedAt.getTime())
    expect(box).toMatchObject({ state: 'stopped', exit: { code: 7 }, pid: null })
    await box.remove()
    expect(box.state).toBe('removed')
    expect(await readdir(join(host.root, 'containers'))).not.toContain(box.id)
    expect(await readdir(join(host.root, 'names'))).not.toContain(box.name)
    await expect(Container.get(box.id, { engine: host.engine })).rejects.toMatchObject({
      code: 'ERR_CONTAINER_NOT_FOUND',
    })
  })

  test('says which signal ended it', async () => {
    const box = await host.run({ command: ['sh', '-c', 'kill -KILL $$'], init: false, autoRemove: true })
    // A first process without handlers cannot be killed from inside its own namespace.
    await box.remove({ force: true })
    const other = await host.run({ command: ['sh', '-c', 'kill -USR1 $$'] })
    expect(await other.wait()).toMatchObject({ code: 138, signal: 'SIGUSR1' })
    await other.remove()
  })

  test('is paused: its processes get no time, and resumed they go on', async () => {
    const box = await host.run({ command: ['sh', '-c', 'while :; do echo tick; sleep 0.02; done'] })
    const ticks = async () => {
      let count = 0
      for await (const _ of box.logs()) count++
      return count
    }
    try {
      await box.pause()
    } catch (error) {
      await box.remove({ force: true })
      // Where no freezer can be had, that is said.
      expect(error).toMatchObject({ code: 'ERR_LIMIT_UNSUPPORTED' })
      return
    }
    expect(box.state).toBe('paused')
    const before = await ticks()
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(await ticks()).toBe(before)
    await expect(box.exec(['true'])).rejects.toMatchObject({ code: 'ERR_CONTAINER_STATE' })
    await box.resume()
    expect(box.state).toBe('running')
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(await ticks()).toBeGreaterThan(before)
    await box.remove({ force: true })
  })

  test('is stopped politely, and by force when it does not listen', async () => {
    const polite = await host.run({ command: ['sh', '-c', 'trap "exit 5" TERM; while :; do sleep 0.05; done'] })
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await polite.stop()).toMatchObject({ code: 5, signal: null })
    const deaf = await host.run({ command: ['sh', '-c', 'trap "" TERM; while :; do sleep 0.05; done'] })
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await deaf.stop({ timeoutMs: 100 })).toMatchObject({ code: 137, signal: 'SIGKILL' })
    const own = await host.run({
      command: ['sh', '-c', 'trap "exit 6" USR2; while :; do sleep 0.05; done'],
      stopSignal: 'SIGUSR2',
    })
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await own.stop()).toMatchObject({ code: 6 })
    expect(await own.stop()).toMatchObject({ code: 6 })
    for (const box of [polite, deaf, own]) await box.remove()
  })

  test('starts again after its end, and keeps what it wrote', async () => {
    const box = await host.create({ command: ['sh', '-c', 'echo x >>/tmp/count; exit $(wc -l </tmp/count)'] })
    for (const code of [1, 2, 3]) {
      await box.start()
      expect(await box.wait()).toMatchObject({ code })
    }
    await box.remove()
  })

  test('restarts', async () => {
    const reasons: string[] = []
    const box = await host.run({ ...sleeper, on: { running: ({ reason }) => reasons.push(reason) } })
    const { pid } = box
    await box.restart({ timeoutMs: 0 })
    expect(box.state).toBe('running')
    expect(box.pid).not.toBe(pid)
    expect(reasons).toEqual(['started', 'restarted'])
    await box.remove({ force: true })
  })

  test('is removed by itself when it is to be', async () => {
    const box = await host.run({ command: ['true'], autoRemove: true })
    expect(await box.wait({ condition: 'removed' })).toMatchObject({ code: 0 })
    expect(box.state).toBe('removed')
    expect(await box.wait()).toMatchObject({ code: 0 })
  })

  test('refuses what its state does not allow', async () => {
    const box = await host.create(sleeper)
    const refused = async (action: Promise<unknown>) => {
      const error: unknown = await action.then(
        () => 'done',
        (reason: unknown) => reason,
      )
      expect(EngineError.is(error, 'ERR_CONTAINER_STATE'), String(error)).toBe(true)
    }
    await refused(box.pause())
    await refused(box.resume())
    await refused(box.kill())
    await refused(box.stop())
    await refused(box.exec(['true']).then())
    await refused(box.processes())
    await box.start()
    await refused(box.start())
    await refused(box.resume())
    await refused(box.remove())
    await box.kill()
    await box.wait()
    await refused(box.pause())
    await refused(box.exec(['true']).then())
    await box.remove()
    await box.remove()
    await expect(box.start()).rejects.toMatchObject({ code: 'ERR_CONTAINER_NOT_FOUND' })
  })

  test('is let go of, or removed, at the end of a block', async () => {
    const box = await host.run(sleeper)
    const other = await Container.get(box.name, { engine: host.engine })
    await other[Symbol.asyncDispose]()
    expect((await box.inspect()).state).toBe('running')
    await box[Symbol.asyncDispose]()
    await expect(Container.get(box.id, { engine: host.engine })).rejects.toMatchObject({
      code: 'ERR_CONTAINER_NOT_FOUND',
    })
  })
})

describe('containers', () => {
  test('are found by name, id and the beginning of an id, and listed', async () => {
    const one = await host.run({ ...sleeper, name: 'finder-1', labels: { role: 'web', tier: 'a' } })
    const two = await host.create({ ...sleeper, name: 'finder-2', labels: { role: 'web' } })
    expect((await Container.get('finder-1', { engine: host.engine })).id).toBe(one.id)
    expect((await Container.get(one.id, { engine: host.engine })).name).toBe('finder-1')
    expect((await Container.get(one.id.slice(0, 12), { engine: host.engine })).labels).toEqual({
      role: 'web',
      tier: 'a',
    })
    const ids = async (filter: object) => (await Container.list({ ...filter, engine: host.engine })).map(({ id }) => id)
    expect(await ids({})).toEqual([one.id])
    expect(await ids({ all: true })).toEqual([one.id, two.id])
    expect(await ids({ all: true, labels: { tier: 'a' } })).toEqual([one.id])
    expect(await ids({ states: ['created'] })).toEqual([two.id])
    await expect(Container.get('nobody', { engine: host.engine })).rejects.toMatchObject({
      code: 'ERR_CONTAINER_NOT_FOUND',
    })
    await expect(Container.get('../x', { engine: host.engine })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    await expect(host.create({ ...sleeper, name: 'finder-1' })).rejects.toMatchObject({ code: 'ERR_NAME_IN_USE' })
    await one.remove({ force: true })
    await two.remove()
  })

  test('that have ended are pruned, others are not', async () => {
    const ended = await host.run({ command: ['true'] })
    const running = await host.run(sleeper)
    await ended.wait()
    expect(await Container.prune({ engine: host.engine })).toEqual([ended.id])
    expect(running.state).toBe('running')
    await running.remove({ force: true })
  })
})
