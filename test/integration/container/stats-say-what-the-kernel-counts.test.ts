// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Container, Stats } from '../../../src/index.js'
import { slow } from '../../support/slow.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

const has = async (controller: string) => (await host.engine.info()).cgroup.controllers.includes(controller)

const sample = async (box: Container): Promise<Stats> => {
  for await (const stats of box.stats()) return stats
  throw new Error('the container has ended')
}

// Counters move a moment after what they count: io when a request is done, and of v1 once the container is in its hierarchy.
const eventually = async (box: Container, holds: (stats: Stats) => boolean): Promise<Stats> => {
  const deadline = performance.now() + 10_000 * slow
  for (;;) {
    const stats = await sample(box)
    if (holds(stats)) return stats
    if (performance.now() > deadline) throw new Error(`not in ${JSON.stringify(stats)}`)
    await delay(20)
  }
}

test('memory is told by its parts, with limits', async () => {
  const limited = await has('memory')
  const box = await host.idle(limited ? { memory: '256MiB', pidsLimit: 77 } : {})
  const perl = 'my $x = "x" x (40 * 1024 * 1024); $| = 1; print "ready\\n"; sleep 1000'
  const exec = box.exec(['perl', '-e', perl], { check: false })
  for await (const _ of exec.stdout.lines()) break
  const { memory, pids, pidsLimit } = await sample(box)
  if (!limited) {
    expect(Object.values(memory)).toEqual(Object.values(memory).map(() => null))
  } else {
    expect(memory.anonymousBytes).toBeGreaterThan(40 * 2 ** 20)
    expect(memory.usageBytes).toBeGreaterThan(memory.anonymousBytes!)
    expect(memory.workingSetBytes).toBeGreaterThan(40 * 2 ** 20)
    expect(memory.workingSetBytes).toBeLessThanOrEqual(memory.usageBytes!)
    expect(memory.peakBytes ?? memory.usageBytes).toBeGreaterThanOrEqual(memory.usageBytes!)
    expect(memory).toMatchObject({ limitBytes: 256 * 2 ** 20, fileBytes: expect.any(Number) })
    expect({ pids, pidsLimit }).toEqual({ pids: 2, pidsLimit: 77 })
  }
  await box.remove({ force: true })
  await exec.catch(() => {})
})

test('what is written to and read from a disk is counted by device', async () => {
  const box = await host.idle()
  const first = await sample(box)
  if (!(await has('io'))) expect(first.io).toBeNull()
  else {
    const bytes = 4 * 2 ** 20
    await box.sh('dd if=/dev/zero of=/x bs=1M count=4 oflag=direct,sync && dd if=/x of=/dev/null bs=1M iflag=direct')
    const { io } = await eventually(box, ({ io }) => io !== null && io.readBytes >= bytes)
    expect(io?.writtenBytes).toBeGreaterThanOrEqual(bytes)
    expect(io?.reads).toBeGreaterThan(0)
    expect(io?.writes).toBeGreaterThan(0)
    expect(io?.devices[0]?.device).toMatch(/^\d+:\d+$/)
    expect(io?.devices.reduce((sum, { readBytes }) => sum + readBytes, 0)).toBe(io?.readBytes)
  }
  await box.remove({ force: true })
})

test('the network is that of the container, or nobody’s', async () => {
  const box = await host.idle({ network: 'none' })
  const before = await sample(box)
  expect(before.network?.interfaces.map(({ name }) => name)).toEqual(['lo'])
  const talk =
    'use Socket; socket(my $s, PF_INET, SOCK_DGRAM, 0); bind($s, my $a = sockaddr_in(9999, inet_aton("127.0.0.1"))); ' +
    'send($s, "x" x 1000, 0, $a) for 1..5'
  await box.exec(['perl', '-e', talk])
  const after = await sample(box)
  expect(after.network?.interfaces[0]?.sent.packets).toBe((before.network?.interfaces[0]?.sent.packets ?? 0) + 5)
  expect(after.network?.interfaces[0]?.received.bytes).toBeGreaterThan(5000)
  expect(after.network?.received).toEqual({ bytes: 0, packets: 0, errors: 0, dropped: 0 })
  await box.remove({ force: true })

  const shared = await host.idle({ network: 'host' })
  expect((await sample(shared)).network).toBeNull()
  await shared.remove({ force: true })
})

test('waiting is told as pressure', async () => {
  const box = await host.idle()
  if (!(await has('pressure'))) expect((await sample(box)).pressure).toBeNull()
  else {
    const busy = box.sh('for i in $(seq $(($(nproc) + 2))); do while :; do :; done & done; wait', { check: false })
    const { pressure } = await eventually(box, ({ pressure }) => (pressure?.cpu.some?.totalUs ?? 0) > 10_000)
    expect(pressure?.memory.full).toMatchObject({ avg10: expect.any(Number), totalUs: expect.any(Number) })
    await busy.kill()
    await busy
  }
  await box.remove({ force: true })
})

test('samples come until the container ends, and the first has no percent', async () => {
  const box = await host.run({ command: ['sh', '-c', 'while [ ! -e /stop ]; do :; done'] })
  const percents: (number | null)[] = []
  for await (const { cpu } of box.stats({ intervalMs: 100 })) {
    percents.push(cpu.percent)
    if (percents.length === 3) await box.exec(['touch', '/stop'], { check: false })
  }
  expect(percents[0]).toBeNull()
  if (await has('cpu')) expect(percents[2]).toBeGreaterThan(5)
  expect(box.state).toBe('stopped')
  await box.remove()
})

test('an interval of nothing is refused, by name', async () => {
  const box = await host.idle()
  for (const intervalMs of [0, -1, 9, Number.NaN, 2 ** 31]) {
    expect(() => box.stats({ intervalMs })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', option: 'intervalMs' }),
    )
  }
  await box.remove({ force: true })
})
