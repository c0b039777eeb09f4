// SPDX-License-Identifier: Apache-2.0
import { describe, expect } from 'vitest'
import { Container } from '../../../src/index.js'
import { testNeeding } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const controllers = async () => (await host.engine.info()).cgroup.controllers

describe('without one', () => {
  testNeeding('ordinary user')('each limit is refused by name, with the cure', async (context) => {
    if ((await controllers()).includes('memory')) return context.skip('needs no cgroup')
    for (const [option, value] of Object.entries({ memory: '64MiB', cpus: 0.5, cpuset: '0' })) {
      await expect(host.create({ command: ['true'], [option]: value })).rejects.toMatchObject({
        code: 'ERR_LIMIT_UNSUPPORTED',
        option,
        hint: expect.stringMatching(/systemd-run --user --scope -p Delegate=yes|run as root/),
      })
    }
    const box = await host.run({ idle: true })
    await expect(box.pause()).rejects.toMatchObject({ code: 'ERR_LIMIT_UNSUPPORTED' })
    await box.remove({ force: true })
    expect(await Container.list({ engine: host.engine, all: true })).toEqual([])
  })
})

describe('with one', () => {
  testNeeding('ordinary user', 'cgroup v2 controllers')('limits hold, and are read inside', async (context) => {
    if (!(await controllers()).includes('memory')) return context.skip('needs a delegated cgroup')
    const box = await host.run({ idle: true, memory: '64MiB', cpus: 0.5, pidsLimit: 50 })
    const { stdout } = await box.sh('cd /sys/fs/cgroup && cat memory.max cpu.max pids.max')
    expect(stdout).toBe(`${64 << 20}\n50000 100000\n50\n`)
    await box.pause()
    expect((await box.inspect()).state).toBe('paused')
    await box.resume()
    await box.remove({ force: true })
  })
})
