// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Container, EngineError, type ExecLimits } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'
import { cgroupFile } from '../container/seen-from-outside.js'

const host = useTestEngine()
let box: Container
beforeAll(async () => {
  box = await host.idle()
})
afterAll(() => box.remove({ force: true }))

// Where the host has no such cgroups, that is said by name with its cure: then there is nothing else to see.
const orRefused = async (option: keyof ExecLimits, act: () => Promise<void>): Promise<void> => {
  try {
    await act()
  } catch (error) {
    if (!EngineError.is(error, 'ERR_LIMIT_UNSUPPORTED')) throw error
    expect(error.option).toBe(`limits.${option}`)
    expect(error.hint).toBeTruthy()
  }
}

test('memory: one that takes more is killed, and nobody else', async () => {
  await orRefused('memory', async () => {
    const oom: string[] = []
    box.on('oom', () => oom.push('oom'))
    const bystander = box.exec(['sleep', '961'], { check: false })
    await bystander.spawned()
    const greedy = ['perl', '-e', 'my $x = "x" x (200 * 1024 * 1024); sleep 1000']
    const result = await box.exec(greedy, { limits: { memory: '48MiB' }, check: false })
    expect(result).toMatchObject({ oomKilled: true, signal: 'SIGKILL' })
    expect(result.usage.memoryPeakBytes).toBeGreaterThan(16 * 2 ** 20)
    expect(result.usage.memoryPeakBytes).toBeLessThanOrEqual(48 * 2 ** 20)
    expect(box.state).toBe('running')
    await expect.poll(() => oom.length).toBeGreaterThan(0)
    expect((await box.getExec(bystander.id)).running).toBe(true)
    await bystander.kill('SIGKILL')
    expect(await bystander).toMatchObject({ oomKilled: false })
  })
})

test('the end of a container is not put down to what one command did with its own limit', async () => {
  await orRefused('memory', async () => {
    const other = await host.idle()
    const greedy = ['perl', '-e', 'my $x = "x" x (200 * 1024 * 1024); sleep 1000']
    const result = await other.exec(greedy, { limits: { memory: '48MiB' }, check: false }).finally(async () => {
      expect(await other.stop({ timeoutMs: 0 })).toMatchObject({ code: 137, oomKilled: false })
      await other.remove()
    })
    expect(result.oomKilled).toBe(true)
  })
})

test('processes: only so many', async () => {
  await orRefused('pidsLimit', async () => {
    const script = 'for i in $(seq 40); do sleep 1 & done; wait'
    const limited = await box.sh(script, { limits: { pidsLimit: 10 }, check: false })
    expect(limited.stderr).toMatch(/fork|Resource/i)
    expect(await box.sh('for i in $(seq 40); do sleep 0.01 & done; wait')).toMatchObject({ stderr: '' })
  })
})

test('processor: its share, written where the kernel holds it, and gone with the command', async () => {
  await orRefused('cpus', async () => {
    const run = box.exec(['sleep', '962'], { limits: { cpus: 0.2 }, check: false })
    const { pid } = await run.spawned()
    const quota = await cgroupFile(pid, 'cpu', { v1: 'cpu.cfs_quota_us', v2: 'cpu.max' })
    expect(quota.text).toMatch(/^20000( 100000)?$/)
    const [own, containers] = await Promise.all([pid, box.pid].map((of) => readFile(`/proc/${of}/cgroup`, 'utf8')))
    expect(own).not.toBe(containers)
    await run.kill('SIGKILL')
    await run
    const percent = async (limits: ExecLimits) => {
      const { usage, durationMs } = await box.sh('i=0; while [ $i -lt 400000 ]; do i=$((i + 1)); done', { limits })
      return (usage.cpuMs / durationMs) * 100
    }
    expect(await percent({ cpus: 0.3 })).toBeLessThan(45)
  })
})

test('many, one after the other and beside each other, leave no cgroup behind', async () => {
  await orRefused('memory', async () => {
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const { stdout } = await box.exec(['echo', String(index)], { limits: { memory: '64MiB', pidsLimit: 20 } })
        expect(stdout).toBe(`${index}\n`)
      }),
    )
    expect(await box.processes()).toHaveLength(1)
  })
})

test('what is malformed or impossible is refused before anything runs', async () => {
  expect(() => box.exec(['true'], { limits: { memory: '1MB' } })).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', option: 'limits.memory' }),
  )
  expect(() => box.exec(['true'], { limits: { disk: 1 } as never })).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', option: 'limits.disk' }),
  )
  const tiny: unknown = await box.exec(['true'], { limits: { memory: 1000 } }).catch((error: unknown) => error)
  expect(tiny).toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option: 'limits.memory' })
})

test('rlimits and usage are of the command and all it starts', async () => {
  expect((await box.sh('ulimit -n', { rlimits: { nofile: 77 } })).stdout).toBe('77\n')
  const spin = 'i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done'
  const { usage } = await box.sh(`(${spin}) & (${spin}) & wait`)
  expect(usage.cpuMs).toBeGreaterThan(50)
})
