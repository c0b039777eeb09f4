// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Container, EngineError } from '../../../src/index.js'
import { eventually, logLines, watchContainer } from '../../support/container-watch.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const crash = ['sh', '-c', 'echo ran; exit 3']
const forever = ['sh', '-c', 'echo ran; exec sleep 1000']

describe('a crash loop', () => {
  test('ends after the attempts of on-failure:2, each twice as late, and waits are answered then', async () => {
    const watch = watchContainer()
    const box = await host.create({ command: crash, restart: 'on-failure:2', on: watch.on })
    const waiting = box.wait()
    const following = logLines(box, true)
    await box.start()
    expect(await waiting).toMatchObject({ code: 3 })
    const round = ['stopped 3 again', 'restarted']
    expect(watch.seen).toEqual(['started', ...round, ...round, 'stopped 3'])
    const [, stopped1 = 0, restarted1 = 0, stopped2 = 0, restarted2 = 0] = watch.times
    expect(restarted1 - stopped1).toBeGreaterThanOrEqual(99)
    expect(restarted2 - stopped2).toBeGreaterThanOrEqual(199)
    expect(await following).toEqual(['ran', 'ran', 'ran'])
    expect(await box.inspect()).toMatchObject({
      state: 'stopped',
      restart: 'on-failure:2',
      restartCount: 2,
      nextRestartAt: null,
    })
    await box.remove()
  })

  test('is over with the first success', async () => {
    const watch = watchContainer()
    const script = 'test -e /tmp/second && exit 0; touch /tmp/second; exit 9'
    const box = await host.run({ command: ['sh', '-c', script], restart: 'on-failure', on: watch.on })
    expect(await box.wait()).toMatchObject({ code: 0 })
    expect(watch.seen).toEqual(['started', 'stopped 9 again', 'restarted', 'stopped 0'])
    await box.remove()
  })

  test('goes on through starts that fail', async () => {
    const job = join(host.directory, 'job')
    await mkdir(job, { mode: 0o755 })
    await chmod(host.directory, 0o755)
    await writeFile(join(job, 'run'), '#!/bin/sh\nsleep 0.1\nexit 5\n')
    await chmod(join(job, 'run'), 0o755)
    const watch = watchContainer()
    const mounts = [{ type: 'bind', source: job, target: '/job' }] as const
    const box = await host.run({ command: ['/job/run'], restart: 'always', mounts, on: watch.on })
    // By then there are 400 ms until the next run.
    await watch.until('stopped 5 again', 3)
    await rename(join(job, 'run'), join(job, 'away'))
    await watch.until('stopped 127 again', 2)
    await rename(join(job, 'away'), join(job, 'run'))
    await watch.until('stopped 5 again', 4)
    await box.remove()
    const failed = watch.seen.indexOf('stopped 127 again')
    expect(watch.seen.slice(failed - 1, failed + 2)).toEqual(['stopped 5 again', ...Array(2).fill('stopped 127 again')])
    const after = watch.seen.slice(failed).filter((word) => word !== 'stopped 127 again')
    expect(after.slice(0, 2)).toEqual(['restarted', 'stopped 5 again'])
  })

  test('of a container that met its memory limit is a failure', async () => {
    const options = { memory: '32MiB', restart: 'on-failure:1', command: ['perl', '-e', 'my $x = "x" x 2e8'] } as const
    const watch = watchContainer()
    try {
      const box = await host.run({ ...options, on: watch.on })
      expect(await box.wait()).toMatchObject({ oomKilled: true })
      expect(watch.seen).toEqual(['started', 'stopped 137 again', 'restarted', 'stopped 137'])
      await box.remove()
    } catch (error) {
      if (!EngineError.is(error, 'ERR_LIMIT_UNSUPPORTED')) throw error
      expect(error.hint).toBeTruthy()
    }
  })
})

describe('while a restart is to come', () => {
  const waitingBox = async (options: object = {}) => {
    const watch = watchContainer()
    const box = await host.run({ command: crash, restart: 'always', on: watch.on, ...options })
    // From the fifth run on there is a second and more between them.
    await watch.until('stopped 3 again', 5)
    return { box, watch }
  }

  test('it is stopped, says when it will run, and is listed with those that are up', async () => {
    const { box } = await waitingBox()
    const inspection = await box.inspect()
    expect(inspection).toMatchObject({ state: 'stopped', restartCount: 5, restart: 'always', exit: { code: 3 } })
    expect(inspection.nextRestartAt?.getTime()).toBeGreaterThan(inspection.exit?.finishedAt.getTime() ?? Infinity)
    expect((await Container.list({ engine: host.engine })).map(({ id }) => id)).toContain(box.id)
    expect(await Container.prune({ engine: host.engine })).toEqual([])
    await box.remove()
  })

  test('stop ends it, and tells those who wait', async () => {
    const { box, watch } = await waitingBox()
    const waiting = box.wait()
    const following = logLines(box, true)
    expect(await box.stop()).toMatchObject({ code: 3 })
    expect(await waiting).toMatchObject({ code: 3 })
    expect(watch.seen.at(-1)).toBe('stopped 3')
    expect(await following).toHaveLength(5)
    expect(await box.inspect()).toMatchObject({ state: 'stopped', nextRestartAt: null, restartCount: 5 })
    await box.remove()
  })

  test('stop while that begins tells how it last ended, and nothing of the start that was called off', async () => {
    for (let i = 0; i < 10; i++) {
      const watch = watchContainer()
      const box = await host.run({ command: crash, restart: 'always', on: watch.on })
      await watch.until('stopped 3 again')
      const due = (await box.inspect()).nextRestartAt?.getTime() ?? 0
      await new Promise((resolve) => setTimeout(resolve, due - Date.now() + i / 2 - 1))
      const exit = await box.stop({ timeoutMs: 0 })
      // Either before it ran again, or while it did.
      expect([3, 137]).toContain(exit.code)
      expect(watch.seen.at(-1)).toBe(`stopped ${exit.code}`)
      expect((await box.inspect()).exit?.code).toBe(exit.code)
      await box.remove()
    }
  })

  test('remove needs no force, and nothing starts afterwards', async () => {
    const { box, watch } = await waitingBox()
    const waiting = box.wait()
    await box.remove()
    expect(await waiting).toMatchObject({ code: 3 })
    expect(watch.seen.at(-1)).toBe('removed')
  })

  test('start does not wait for it, and begins the count anew', async () => {
    const { box, watch } = await waitingBox({ restart: 'on-failure:5' })
    await box.start()
    await box.wait()
    expect(watch.seen.filter((word) => word === 'started')).toHaveLength(2)
    expect(watch.seen.filter((word) => word === 'restarted')).toHaveLength(4 + 5)
    expect(await box.inspect()).toMatchObject({ restartCount: 5 })
    await box.remove()
  })

  test('update to another policy holds from now on, and no ends it', async () => {
    const { box, watch } = await waitingBox()
    await box.update({ restart: 'on-failure:99' })
    expect(await box.inspect()).toMatchObject({ restart: 'on-failure:99', state: 'stopped' })
    await watch.until('stopped 3 again', 6)
    await box.update({ restart: 'no' })
    expect(await box.wait()).toMatchObject({ code: 3 })
    expect(watch.seen.at(-1)).toBe('stopped 3')
    await box.remove()
  })
})

describe('what somebody ended', () => {
  test.each(['always', 'unless-stopped', 'on-failure'] as const)(
    'stays so with %s, by stop or kill',
    async (restart) => {
      for (const end of [(box: Container) => box.stop({ timeoutMs: 0 }), (box: Container) => box.kill()]) {
        const watch = watchContainer()
        const box = await host.run({ command: forever, restart, on: watch.on })
        await end(box)
        expect(await box.wait()).toMatchObject({ signal: 'SIGKILL' })
        expect(watch.seen).toEqual(['started', 'stopped 137'])
        await box.remove()
      }
    },
  )

  test('by its own stop signal stays so, by another signal it does not', async () => {
    const watch = watchContainer()
    const box = await host.run({ command: forever, restart: 'always', on: watch.on })
    await box.kill('SIGUSR1')
    await watch.until('restarted')
    await box.kill('SIGTERM')
    await box.wait()
    expect(watch.seen).toEqual(['started', 'stopped 138 again', 'restarted', 'stopped 143'])
    await box.remove()
  })

  test('is kept up again once somebody starts it', async () => {
    const watch = watchContainer()
    const box = await host.run({ command: forever, restart: 'unless-stopped', on: watch.on })
    await box.stop({ timeoutMs: 0 })
    await box.start()
    await box.kill('SIGUSR1')
    await watch.until('restarted')
    await box.remove({ force: true })
  })
})

test('a policy makes no sense for what is removed at its end', async () => {
  const options = { command: crash, autoRemove: true, restart: 'always' } as const
  await expect(host.create(options)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option: 'restart' })
  const box = await host.create({ command: crash, autoRemove: true })
  await expect(box.update({ restart: 'always' })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  await box.remove()
  for (const restart of ['on-failure:', 'on-failure:-1', 'always:3', 'sometimes', 'on-failure:1.5'] as never[])
    await expect(host.create({ command: crash, restart })).rejects.toMatchObject({ option: 'restart' })
})

test('a start that fails is not tried again', async () => {
  await expect(host.run({ command: ['/no/such'], restart: 'always' })).rejects.toThrow('/no/such')
  expect(
    await eventually(
      () => Container.list({ engine: host.engine, all: true }),
      (all) => all.length === 0,
    ),
  ).toEqual([])
})
