// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { type ContainerOptions, EngineError } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

const has = async (controller: string) => (await host.engine.info()).cgroup.controllers.includes(controller)

// Where a limit cannot be held, asking for it is refused with the way to get it.
const holds = async (controller: string, options: ContainerOptions): Promise<boolean> => {
  if (await has(controller)) return true
  const error: unknown = await host.create({ command: ['true'], ...options }).catch((reason: unknown) => reason)
  if (!EngineError.is(error, 'ERR_LIMIT_UNSUPPORTED')) throw error
  expect(error.option).toBe(Object.keys(options)[0])
  expect(error.hint).toBeTruthy()
  return false
}

// Python is not on every machine: perl and awk are in Debian's base.
const allocate = (megabytes: number) => ['perl', '-e', `my $x = "x" x (${megabytes} * 1024 * 1024); sleep 1000`]

test('64 MiB against 200: killed, told, and the engine goes on', async () => {
  if (!(await holds('memory', { memory: '64MiB' }))) return
  const events: string[] = []
  const note = ({ type }: { readonly type: string }) => void events.push(type)
  const box = await host.run({ command: allocate(200), memory: '64MiB', on: { oom: note, stopped: note } })
  expect(await box.wait()).toMatchObject({ code: 137, signal: 'SIGKILL', oomKilled: true })
  expect(events).toEqual(['oom', 'stopped'])
  await box.remove()
  const healthy = await host.run({ command: ['true'] })
  expect(await healthy.wait()).toMatchObject({ code: 0, oomKilled: false })
  await healthy.remove()
})

test('a command that is killed for want of memory is not the end of the container', async () => {
  if (!(await holds('memory', { memory: '64MiB' }))) return
  const box = await host.idle({ memory: '64MiB' })
  const result = await box.exec(allocate(200), { check: false })
  expect(result).toMatchObject({ exitCode: 137, oomKilled: true })
  expect(box.state).toBe('running')
  expect((await box.exec(['echo', 'well'])).stdout).toBe('well\n')
  await box.remove({ force: true })
})

test('a fork bomb stays in its container', async () => {
  const box = await host.idle({ pidsLimit: 32 })
  await box.sh('b() { b | b & }; b; sleep 0.5', { check: false, timeoutMs: 3000 })
  const more = await box.sh('for i in $(seq 100); do sleep 5 & done; wait', { check: false, timeoutMs: 2000 })
  expect(more.stderr).toMatch(/fork|Resource temporarily unavailable/i)
  await box.remove({ force: true })
})

test('where nothing is asked for there is a limit of processes all the same', async () => {
  const box = await host.idle()
  const forks = 'for (1..3000) { my $p = fork; defined $p or print($_), last; $p or sleep 1000 }'
  const { stdout } = await box.exec(['perl', '-e', forks], { timeoutMs: 20_000 })
  expect(Number(stdout)).toBeGreaterThan(100)
  expect(Number(stdout)).toBeLessThanOrEqual(2048)
  await box.remove({ force: true })
})

test('half a processor is half a processor', async () => {
  if (!(await holds('cpu', { cpus: 0.5 }))) return
  const box = await host.run({ command: ['sh', '-c', 'while :; do :; done'], cpus: 0.5 })
  const samples: number[] = []
  for await (const { cpu } of box.stats({ intervalMs: 400 })) {
    if (cpu.percent !== null) samples.push(cpu.percent)
    if (samples.length === 4) break
  }
  await box.remove({ force: true })
  const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length
  expect(mean).toBeLessThan(65)
  expect(mean).toBeGreaterThan(15)
})

test('limits are changed while it runs', async () => {
  if (!(await holds('memory', { memory: '64MiB' }))) return
  const box = await host.idle({ memory: '512MiB' })
  await box.update({ memory: '64MiB' })
  expect(await box.exec(allocate(200), { check: false })).toMatchObject({ oomKilled: true })
  await expect(box.update({ memory: 'much' })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  await box.remove({ force: true })
})
