// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { logLines, watchContainer } from '../../support/container-watch.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

test('an idle container lives while commands run in it, and for a while after the last', async () => {
  const watch = watchContainer()
  const box = await host.idle({ idleTimeoutMs: 400, on: watch.on, restart: 'always' })
  const busy = await box.exec(['sleep', '1'])
  expect(busy.exitCode).toBe(0)
  for (let i = 0; i < 10; i++) await box.exec(['sleep', '0.1'])
  expect(watch.seen).toEqual(['started'])
  const last = Date.now()
  expect(await box.wait()).toMatchObject({ code: 0 })
  expect(watch.seen).toEqual(['started', 'stopped 0 idle'])
  expect((watch.times[1] ?? 0) - last).toBeGreaterThanOrEqual(350)
  expect(await box.inspect()).toMatchObject({ stopReason: 'idle', restartCount: 0 })
  await box.start()
  expect((await box.inspect()).stopReason).toBeNull()
  await box.remove({ force: true })
})

test('looking at it, and its own health checks, are no use of it', async () => {
  const watch = watchContainer()
  const box = await host.idle({
    idleTimeoutMs: 300,
    healthcheck: { test: ['CMD', 'true'], intervalMs: 20 },
    on: watch.on,
  })
  while (box.state === 'running') {
    await box.inspect()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  expect(watch.seen).toEqual(['started', 'starting', 'healthy', 'stopped 0 idle'])
  await box.remove()
})

test('a lifetime ends with the stop signal, then by force, and restarts do not prolong it', async () => {
  const watch = watchContainer()
  const script = 'trap "" USR1; echo ran; test -e /tmp/x || { touch /tmp/x; exit 1; }; while :; do sleep 0.02; done'
  const box = await host.run({
    command: ['sh', '-c', script],
    maxLifetimeMs: 1000,
    stopSignal: 'SIGUSR1',
    stopTimeoutMs: 100,
    restart: 'unless-stopped',
    on: watch.on,
  })
  expect(await box.wait()).toMatchObject({ signal: 'SIGKILL' })
  expect(watch.seen).toEqual(['started', 'stopped 1 again', 'restarted', 'stopped 137 lifetime'])
  expect((watch.times[3] ?? 0) - (watch.times[0] ?? 0)).toBeGreaterThanOrEqual(1095)
  expect(await logLines(box)).toEqual(['ran', 'ran'])
  await box.remove()
})

test('a lifetime that is over while a restart is to come ends that', async () => {
  const watch = watchContainer()
  const box = await host.run({ command: ['false'], maxLifetimeMs: 1000, restart: 'always', on: watch.on })
  expect(await box.wait()).toMatchObject({ code: 1 })
  expect(watch.seen.at(-1)).toBe('stopped 1 lifetime')
  expect(await box.inspect()).toMatchObject({ stopReason: 'lifetime', nextRestartAt: null })
  await box.remove()
})

test('a paused container has limits too', async () => {
  const box = await host.run({ command: ['sleep', '1000'], maxLifetimeMs: 300 })
  const paused = await box.pause().then(
    () => true,
    (error: { code: string }) => error.code,
  )
  if (paused !== true) expect(paused).toBe('ERR_LIMIT_UNSUPPORTED')
  await box.wait()
  expect((await box.inspect()).stopReason).toBe('lifetime')
  await box.remove()
})

test('a limit is a number of milliseconds', async () => {
  for (const option of ['idleTimeoutMs', 'maxLifetimeMs'])
    for (const value of [0, -1, Number.NaN, '5s'])
      await expect(host.create({ command: ['true'], [option]: value })).rejects.toMatchObject({ option })
})
