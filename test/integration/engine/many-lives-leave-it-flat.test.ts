// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { EngineError } from '../../../src/index.js'
import { has } from '../../support/needs.js'
import { slow } from '../../support/slow.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

interface Use {
  readonly descriptors: number
  readonly supervisorDescriptors: number | null
  readonly supervisorKilobytes: number
  readonly mounts: number
  readonly supervisorMounts: number | null
  readonly cgroups: number
}

const lines = async (path: string) => (await readFile(path, 'utf8')).trim().split('\n').length
const entries = async (path: string) => (await readdir(path)).length

// Those of all hierarchies. The kernel frees a removed one in its own time and counts it until then.
const cgroups = async () => {
  const rows = (await readFile('/proc/cgroups', 'utf8')).trim().split('\n').slice(1)
  return rows.reduce((sum, row) => sum + Number(row.split('\t')[2]), 0)
}

// The supervisor is not dumpable, so only root sees its descriptors and mounts.
const use = async (): Promise<Use> => {
  const pid = (await host.engine.info()).supervisorPid
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return {
    descriptors: await entries('/proc/self/fd'),
    supervisorDescriptors: has('root') ? await entries(`/proc/${pid}/fd`) : null,
    supervisorKilobytes: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]),
    mounts: await lines('/proc/self/mountinfo'),
    supervisorMounts: has('root') ? await lines(`/proc/${pid}/mountinfo`) : null,
    cgroups: await cgroups(),
  }
}

// Until the engine is calm: for five seconds after a burst more is kept ready than otherwise, which is no leak and would hide one.
const calm = () => delay(6000 * slow)

const live = async () => {
  const box = await host.create({ command: ['true'] })
  await box.start()
  expect((await box.wait()).code).toBe(0)
  await box.remove()
}

test(
  'a thousand lives, one after another',
  async () => {
    for (let i = 0; i < 50; i++) await live()
    await calm()
    const before = await use()
    for (let i = 0; i < 1000; i++) await live()
    await calm()
    const after = await use()
    expect(after.descriptors).toBeLessThanOrEqual(before.descriptors + 2)
    expect(after.supervisorDescriptors ?? 0).toBeLessThanOrEqual((before.supervisorDescriptors ?? 0) + 8)
    expect(after.supervisorKilobytes).toBeLessThanOrEqual(before.supervisorKilobytes + 1024)
    expect(after.mounts).toBe(before.mounts)
    expect(after.supervisorMounts).toBe(before.supervisorMounts)
    // Other programs of the machine come and go, a leak of one a life would be a thousand.
    await expect.poll(cgroups, { timeout: 30_000 * slow, interval: 200 }).toBeLessThanOrEqual(before.cgroups + 50)
  },
  240_000 * slow,
)

test(
  'a hundred at once: each runs, or is told which limit is in the way',
  async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, async (_, number) => {
        const box = await host.run({ command: ['sh', '-c', `exit ${number}`] })
        const { code } = await box.wait()
        await box.remove()
        return code
      }),
    )
    for (const [number, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') expect(outcome.value).toBe(number)
      else expect(EngineError.is(outcome.reason, 'ERR_RESOURCE_EXHAUSTED'), String(outcome.reason)).toBe(true)
    }
    expect((await host.engine.info()).containers.total).toBe(0)
  },
  120_000 * slow,
)
