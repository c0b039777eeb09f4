// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { Container } from '../../../src/index.js'
import { eventually, watchContainer } from '../../support/container-watch.js'
import { killsTrees, useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

const checked = async (test: string | readonly string[], more: object = {}) => {
  const watch = watchContainer()
  const box = await host.idle({ healthcheck: { intervalMs: 20, retries: 1, test, ...more }, on: watch.on })
  return { box, watch }
}
const first = async (box: Container) =>
  (
    await eventually(
      async () => (await box.inspect()).health?.log ?? [],
      (log) => log.length > 0,
    )
  )[0]
const commands = async (box: Container) => (await box.processes()).map(({ command }) => command).join('\n')
// Without cgroups what calls setsid escapes until the container ends.
const setsid = async () => ((await killsTrees(host.engine)) ? 'setsid' : '')

test('one that takes too long fails, and everything it started is gone, whatever it ignores', async () => {
  const script = `trap "" TERM INT HUP; (trap "" TERM; while :; do sleep 1111; done) & ${await setsid()} sleep 2222 & echo tried; sleep 3333`
  const { box, watch } = await checked(script, { timeoutMs: 300, intervalMs: 1500 })
  await watch.until('unhealthy')
  const result = await first(box)
  expect(result).toMatchObject({ exitCode: -1, output: 'Health check exceeded timeout (300ms): tried\n' })
  expect((result?.end.getTime() ?? 0) - (result?.start.getTime() ?? 0)).toBeGreaterThanOrEqual(299)
  // Long before the next check begins.
  await eventually(
    () => commands(box),
    (text) => !/1111|2222|3333/.test(text),
  )
  expect((await box.inspect()).health?.log).toHaveLength(1)
  await box.remove({ force: true })
})

test('daemons that it leaves running end with it', async () => {
  const script = `${await setsid()} sleep 4444 & ${await setsid()} sh -c "sleep 5555" & exit 0`
  const { box, watch } = await checked(script, { intervalMs: 60_000, startIntervalMs: 20, startPeriodMs: 60_000 })
  await watch.until('healthy')
  await eventually(
    () => commands(box),
    (text) => !/4444|5555/.test(text),
  )
  await box.remove({ force: true })
})

test('a flood of output neither blocks it nor fills memory, and its first 4,096 bytes are kept', async () => {
  const { supervisorPid } = await host.engine.info()
  const memory = async () =>
    Number(/^VmRSS:\s+(\d+)/m.exec(await readFile(`/proc/${supervisorPid}/status`, 'utf8').catch(() => ''))?.[1] ?? 0)
  const { box, watch } = await checked('head -c 64000000 /dev/zero | tr "\\0" x; exit 0', {
    intervalMs: 60_000,
    startIntervalMs: 20,
    startPeriodMs: 60_000,
  })
  const before = await memory()
  await watch.until('healthy')
  expect(await first(box)).toMatchObject({ exitCode: 0, output: 'x'.repeat(4096) })
  expect((await memory()) - before).toBeLessThan(8000)
  await box.remove({ force: true })
})

test('a flood without end is a check that takes too long, and the supervisor answers meanwhile', async () => {
  const { box, watch } = await checked('yes', { timeoutMs: 500 })
  await eventually(
    () => commands(box),
    (text) => text.includes('yes'),
  )
  expect((await box.exec(['echo', 'here'])).stdout).toBe('here\n')
  await watch.until('unhealthy')
  expect((await first(box))?.output).toMatch(/^Health check exceeded timeout \(500ms\): (y\n)+/)
  await box.remove({ force: true })
})

test('a flood without end costs the supervisor next to nothing', async () => {
  const { supervisorPid } = await host.engine.info()
  // proc(5): the 14th and 15th fields, in hundredths of a second.
  const cpuMs = async () => {
    const fields = (await readFile(`/proc/${supervisorPid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10
  }
  const { box } = await checked('yes', { timeoutMs: 60_000 })
  await eventually(
    () => commands(box),
    (text) => text.includes('yes'),
  )
  const before = await cpuMs()
  await new Promise((resolve) => setTimeout(resolve, 1500))
  expect((await cpuMs()) - before).toBeLessThan(150)
  await box.remove({ force: true })
})

test('bytes that are no text do no harm', async () => {
  const { box, watch } = await checked('printf "\\377\\376\\000ok"; exit 3')
  await watch.until('unhealthy')
  expect((await first(box))?.output).toMatch(/ok$/)
  expect(await first(box)).toMatchObject({ exitCode: 3 })
  await box.remove({ force: true })
})

test('one that cannot be run is a failure that says why', async () => {
  const { box, watch } = await checked(['CMD', '/no/such/check'])
  await watch.until('unhealthy')
  expect(await first(box)).toMatchObject({ exitCode: -1 })
  expect((await first(box))?.output).toMatch(/\/no\/such\/check.*No such file/)
  await box.remove({ force: true })
})

test('one that kills itself, or everything, is a failure', async () => {
  const { box, watch } = await checked('kill -9 $$')
  await watch.until('unhealthy')
  expect(await first(box)).toMatchObject({ exitCode: 137 })
  await box.remove({ force: true })
})

test('many checks leave nothing behind', async () => {
  const { supervisorPid } = await host.engine.info()
  const { box, watch } = await checked(['CMD', 'true'], { intervalMs: 1 })
  await watch.until('healthy')
  const seen = new Set<number>()
  await eventually(
    async () => {
      for (const { start } of (await box.inspect()).health?.log ?? []) seen.add(start.getTime())
      return seen.size
    },
    (count) => count > 100,
  )
  const descriptors = async () => (await import('node:fs/promises')).readdir(`/proc/${supervisorPid}/fd`)
  // As an ordinary user the supervisor is not to be looked into.
  const open = await descriptors().then(
    (names) => names.length,
    () => 0,
  )
  expect(open).toBeLessThan(120)
  expect((await box.processes()).length).toBeLessThan(5)
  await box.remove({ force: true })
})
