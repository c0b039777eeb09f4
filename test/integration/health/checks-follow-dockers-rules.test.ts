// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import type { Container, ContainerOptions } from '../../../src/index.js'
import { eventually, watchContainer } from '../../support/container-watch.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const quick = { intervalMs: 20, timeoutMs: 5000 }
const well = (is: boolean) => `${is ? 'touch' : 'rm'} /tmp/well`

const checked = async (healthcheck: ContainerOptions['healthcheck'], options: ContainerOptions = {}) => {
  const watch = watchContainer()
  const box = await host.idle({ healthcheck, on: watch.on, ...options })
  return { box, watch }
}
const results = async (box: Container) => (await box.inspect()).health?.log ?? []

test('a check that flaps is told in order, only when it changes, with the snapshot current', async () => {
  const { box, watch } = await checked({ ...quick, test: 'test -e /tmp/well', retries: 2 })
  const snapshots: (string | null)[] = []
  box.on('health', ({ status }) => void (status === box.health && snapshots.push(status)))
  await watch.until('unhealthy')
  await box.sh(well(true))
  await watch.until('healthy')
  await box.sh(well(false))
  await watch.until('unhealthy', 2)
  await box.sh(well(true))
  await watch.until('healthy', 2)
  // A while without a change is a while without an event.
  await eventually(
    () => results(box),
    (log) => log.length === 5 && log.every(({ exitCode }) => exitCode === 0),
  )
  expect(watch.seen).toEqual(['started', 'starting', 'unhealthy', 'healthy', 'unhealthy', 'healthy'])
  expect(snapshots.slice(-3)).toEqual(['healthy', 'unhealthy', 'healthy'])
  await box.remove({ force: true })
})

test('fewer failures than retries change nothing, one success forgets them', async () => {
  // Fails three times, succeeds once, and so on.
  const script = 'n=$(($(cat /tmp/n 2>/dev/null) + 1)); echo $n > /tmp/n; echo $n; exit $((n % 4 != 0))'
  const { box, watch } = await checked({ ...quick, test: script, retries: 4 })
  await watch.until('healthy')
  await eventually(
    () => results(box),
    (log) => Number(log.at(-1)?.output) > 12,
  )
  expect(watch.seen).toEqual(['started', 'starting', 'healthy'])
  const log = await results(box)
  expect(log).toHaveLength(5)
  for (const { exitCode, output, start, end } of log) {
    expect(exitCode).toBe(Number(output) % 4 === 0 ? 0 : 1)
    expect(end.getTime()).toBeGreaterThanOrEqual(start.getTime())
  }
  await box.remove({ force: true })
})

describe('in the start period', () => {
  test('failures do not count, and checks come at the start interval', async () => {
    const { box, watch } = await checked({
      test: 'exit 7',
      intervalMs: 60_000,
      startIntervalMs: 20,
      startPeriodMs: 60_000,
      retries: 1,
    })
    await eventually(
      () => results(box),
      (log) => log.length === 5,
    )
    expect((await box.inspect()).health).toMatchObject({ status: 'starting', failingStreak: 0 })
    expect(watch.seen).toEqual(['started', 'starting'])
    await box.remove({ force: true })
  })

  test('a success ends it', async () => {
    const { box, watch } = await checked({
      test: 'test -e /tmp/well',
      intervalMs: 30,
      startIntervalMs: 20,
      startPeriodMs: 60_000,
      retries: 1,
    })
    await box.sh(well(true))
    await watch.until('healthy')
    await box.sh(well(false))
    await watch.until('unhealthy')
    await box.remove({ force: true })
  })
})

test('the first check comes one interval after the start', async () => {
  const { box, watch } = await checked({ test: ['CMD', 'true'], intervalMs: 300 })
  await watch.until('healthy')
  expect((watch.times[2] ?? 0) - (watch.times[1] ?? 0)).toBeGreaterThanOrEqual(299)
  await box.remove({ force: true })
})

test('a restart is starting anew, and what does not run is unhealthy without an event', async () => {
  const watch = watchContainer()
  const command = ['sh', '-c', 'exec sleep 1000']
  const healthcheck = { ...quick, test: ['CMD', 'true'] }
  const box = await host.create({ command, healthcheck, restart: 'always', on: watch.on })
  expect(box.health).toBeNull()
  expect((await box.inspect()).health).toBeNull()
  await box.start()
  await watch.until('healthy')
  await box.kill('SIGUSR1')
  await watch.until('healthy', 2)
  const round = ['starting', 'healthy']
  expect(watch.seen).toEqual(['started', ...round, 'stopped 138 again', 'restarted', ...round])
  await box.stop({ timeoutMs: 0 })
  expect(box.health).toBe('unhealthy')
  expect((await box.inspect()).health).toMatchObject({ status: 'unhealthy' })
  expect(watch.seen.at(-1)).toBe('stopped 137')
  await box.remove()
})

test('the end of a container is no failure of its check', async () => {
  for (let i = 0; i < 10; i++) {
    const watch = watchContainer()
    const healthcheck = { intervalMs: 1, retries: 1, test: 'sleep 1000' }
    const command = ['sh', '-c', 'exec sleep 0.1']
    const box = await host.run({ command, healthcheck, on: watch.on })
    await box.wait()
    expect(watch.seen).toEqual(['started', 'starting', 'stopped 0'])
    await box.remove()
  }
})

test('a paused container is not checked, and its health stays', async () => {
  const { box, watch } = await checked({ ...quick, test: 'date +%s%N; test -e /tmp/well', retries: 1 })
  await box.sh(well(true))
  await watch.until('healthy')
  try {
    await box.pause()
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_LIMIT_UNSUPPORTED' })
    return await box.remove({ force: true })
  }
  const before = await results(box)
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(await results(box)).toEqual(before)
  expect(box.health).toBe('healthy')
  await box.resume()
  await eventually(
    () => results(box),
    (log) => log.at(-1)?.output !== before.at(-1)?.output,
  )
  expect(box.health).toBe('healthy')
  await box.remove({ force: true })
})

test('a check runs as the container does, and is not told as a command', async () => {
  const commands: string[] = []
  host.engine.on('exec', ({ execId }) => commands.push(execId))
  const { box, watch } = await checked(
    { ...quick, test: 'id -u; pwd; echo $GREETING; echo to stderr >&2' },
    { env: { GREETING: 'hello' }, workdir: '/var', user: '0:0' },
  )
  await watch.until('healthy')
  expect((await results(box))[0]).toMatchObject({ exitCode: 0, output: '0\n/var\nhello\nto stderr\n' })
  expect(commands).toEqual([])
  await box.remove({ force: true })
})

test('the health of a container is what another process sees', async () => {
  const { box, watch } = await checked({ ...quick, test: ['CMD', 'true'] })
  await watch.until('healthy')
  const { Container, Engine } = await import('../../../src/index.js')
  const other = await Engine.open({ root: host.root, runRoot: host.runRoot })
  expect((await Container.get(box.id, { engine: other })).health).toBe('healthy')
  await other.close()
  await box.remove({ force: true })
})

test('what is no check is refused by name', async () => {
  const bad: [unknown, string][] = [
    [{}, 'healthcheck.test'],
    [{ test: [] }, 'healthcheck.test'],
    [{ test: ['CMD'] }, 'healthcheck.test'],
    [{ test: ['CMD-SHELL', 'a', 'b'] }, 'healthcheck.test'],
    [{ test: ['true'] }, 'healthcheck.test'],
    [{ test: '' }, 'healthcheck.test'],
    [{ test: 'true', intervalMs: -1 }, 'healthcheck.intervalMs'],
    [{ test: 'true', retries: 1.5 }, 'healthcheck.retries'],
    [{ test: 'true', interval: 5 }, 'healthcheck.interval'],
    [true, 'healthcheck'],
  ]
  for (const [healthcheck, option] of bad) {
    const refused = host.create({ command: ['true'], healthcheck: healthcheck as never })
    await expect(refused).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option })
  }
})
