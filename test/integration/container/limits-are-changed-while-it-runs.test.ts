// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import type { Container, Stats, UpdateOptions } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'
import { cgroupFile, rootDevice } from './seen-from-outside.js'

const host = useTestEngine()

const has = async (controller: string) => (await host.engine.info()).cgroup.controllers.includes(controller)
const sample = async (box: Container): Promise<Stats> => {
  for await (const stats of box.stats()) return stats
  throw new Error('the container has ended')
}

interface Row {
  readonly controller: string
  readonly update: UpdateOptions
  readonly v1: readonly [file: string, text: string]
  readonly v2: readonly [file: string, text: string]
}

const mebi = 2 ** 20
const rows: readonly Row[] = [
  {
    controller: 'memory',
    update: { memory: '96MiB' },
    v1: ['memory.limit_in_bytes', `${96 * mebi}`],
    v2: ['memory.max', `${96 * mebi}`],
  },
  {
    controller: 'swap',
    update: { memory: '96MiB', memorySwap: '128MiB' },
    v1: ['memory.memsw.limit_in_bytes', `${128 * mebi}`],
    v2: ['memory.swap.max', `${32 * mebi}`],
  },
  { controller: 'cpu', update: { cpus: 0.3 }, v1: ['cpu.cfs_quota_us', '30000'], v2: ['cpu.max', '30000 100000'] },
  { controller: 'cpu', update: { cpuShares: 2 }, v1: ['cpu.shares', '2'], v2: ['cpu.weight', '1'] },
  { controller: 'cpuset', update: { cpuset: '0' }, v1: ['cpuset.cpus', '0'], v2: ['cpuset.cpus', '0'] },
  { controller: 'pids', update: { pidsLimit: 33 }, v1: ['pids.max', '33'], v2: ['pids.max', '33'] },
  { controller: 'pids', update: { pidsLimit: 'unlimited' }, v1: ['pids.max', 'max'], v2: ['pids.max', 'max'] },
]

// Of v1 the hierarchy's name, of v2 there is one.
const hierarchy = (controller: string) => (controller === 'swap' ? 'memory' : controller)

test.each(rows)('$update', async ({ controller, update, v1, v2 }) => {
  const box = await host.idle()
  if (!(await has(controller))) {
    if (update.pidsLimit !== 'unlimited') {
      await expect(box.update(update)).rejects.toMatchObject({
        code: 'ERR_LIMIT_UNSUPPORTED',
        hint: expect.any(String),
      })
    }
  } else {
    await box.update(update)
    const { version, text } = await cgroupFile(box.pid, hierarchy(controller), { v1: v1[0], v2: v2[0] })
    expect(text).toBe((version === 'v1' ? v1 : v2)[1])
  }
  await box.remove({ force: true })
})

test('rates of a device', async () => {
  if (!(await has('io'))) return
  const { path, numbers } = await rootDevice()
  const box = await host.idle()
  await box.update({ io: { writeBps: { [path]: '2m' } } })
  const { text } = await cgroupFile(box.pid, 'blkio', { v1: 'blkio.throttle.write_bps_device', v2: 'io.max' })
  expect(text).toMatch(new RegExp(`${numbers} .*2097152`))
  await box.remove({ force: true })
})

test('less memory than is in use is refused, and nobody is killed for it; page cache is no use', async () => {
  if (!(await has('memory'))) return
  const box = await host.idle({ memory: '512MiB' })
  const holding = 'my $x = "x" x (64 * 1024 * 1024); $| = 1; print "ready\\n"; sleep 1000'
  const exec = box.exec(['perl', '-e', holding], { check: false })
  for await (const _ of exec.stdout.lines()) break
  await expect(box.update({ memory: '32MiB' })).rejects.toMatchObject({
    code: 'ERR_INVALID_ARGUMENT',
    message: expect.stringContaining('uses more than this limit'),
  })
  const { memory, oomKills } = await sample(box)
  expect({ limit: memory.limitBytes, oomKills }).toEqual({ limit: 512 * mebi, oomKills: 0 })
  await exec.kill('SIGKILL')
  await exec
  await box.sh('head -c 100M /dev/zero > /cached; sync; cat /cached > /dev/null')
  expect((await sample(box)).memory.usageBytes).toBeGreaterThan(90 * mebi)
  await box.update({ memory: '48MiB' })
  expect((await sample(box)).memory.usageBytes).toBeLessThanOrEqual(48 * mebi)
  await box.remove({ force: true })
})

test.each([false, true])('what was changed holds after a restart, detached: %s', async (detached) => {
  if (!(await has('pids'))) return
  const box = await host.run({ command: ['sleep', '1000'], pidsLimit: 50, cpuShares: 100, detached })
  await box.update({ pidsLimit: 20 })
  await box.stop({ timeoutMs: 0 })
  await box.start()
  const pids = await cgroupFile(box.pid, 'pids', { v1: 'pids.max', v2: 'pids.max' })
  expect(pids.text).toBe('20')
  const weight = await cgroupFile(box.pid, 'cpu', { v1: 'cpu.shares', v2: 'cpu.weight' })
  if (weight.version === 'v1') expect(weight.text).toBe('100')
  await box.remove({ force: true })
})

test('what is malformed or cannot be is refused by name, and changes nothing', async () => {
  const box = await host.idle()
  const wrong: readonly (readonly [UpdateOptions, string])[] = [
    [{ memory: '1MB' }, 'memory'],
    [{ memory: 1024 }, 'memory'],
    [{ memorySwap: '1GiB' }, 'memorySwap'],
    [{ memory: '64MiB', memorySwap: '32MiB' }, 'memorySwap'],
    [{ cpus: 0 }, 'cpus'],
    [{ cpuShares: 1 }, 'cpuShares'],
    [{ cpuset: 'all' }, 'cpuset'],
    [{ pidsLimit: 0 }, 'pidsLimit'],
    [{ name: 'other' } as UpdateOptions, 'name'],
  ]
  for (const [update, option] of wrong) {
    await expect(box.update(update), option).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option })
  }
  if (await has('cpuset')) {
    await expect(box.update({ cpuset: '4000' })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  }
  await box.remove({ force: true })
  await expect(box.update({ cpus: 1 })).rejects.toMatchObject({
    code: expect.stringMatching(/ERR_CONTAINER_NOT_FOUND|ERR_LIMIT_UNSUPPORTED/),
  })
})
