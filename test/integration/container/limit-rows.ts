// SPDX-License-Identifier: Apache-2.0
import { expect } from 'vitest'
import type { EventOf } from '../../../src/index.js'
import { inside, type OptionRow, withBox } from './option-row.js'
import { cgroupFile, rootDevice } from './seen-from-outside.js'

/** Options of the limits. */
export const limitRows = {
  memory: {
    effect: async (host) => {
      const box = await host.run({
        command: ['perl', '-e', 'my $x = "x" x (200 * 1024 * 1024); sleep 1000'],
        memory: '64MiB',
      })
      expect(await box.wait()).toMatchObject({ oomKilled: true })
      await box.remove()
    },
    unless: 'ERR_LIMIT_UNSUPPORTED',
  },
  memorySwap: {
    effect: (host) =>
      withBox(host, { memory: '64MiB', memorySwap: '96MiB' }, async ({ pid }) => {
        const limit = await cgroupFile(pid, 'memory', { v1: 'memory.memsw.limit_in_bytes', v2: 'memory.swap.max' })
        expect(limit.text).toBe(String((limit.version === 'v1' ? 96 : 32) * 2 ** 20))
      }),
    unless: 'ERR_LIMIT_UNSUPPORTED',
  },
  memoryReservation: {
    effect: (host) =>
      withBox(host, { memoryReservation: '32MiB' }, async ({ pid }) => {
        const kept = await cgroupFile(pid, 'memory', { v1: 'memory.soft_limit_in_bytes', v2: 'memory.low' })
        expect(kept.text).toBe(String(32 * 2 ** 20))
      }),
    unless: 'ERR_LIMIT_UNSUPPORTED',
  },
  cpuPeriodUs: {
    effect: (host) =>
      withBox(host, { cpuPeriodUs: 20_000, cpus: 0.5 }, async ({ pid }) => {
        const { version, text } = await cgroupFile(pid, 'cpu', { v1: 'cpu.cfs_period_us', v2: 'cpu.max' })
        expect(text).toBe(version === 'v1' ? '20000' : '10000 20000')
      }),
    unless: 'ERR_LIMIT_UNSUPPORTED',
  },
  cpus: {
    effect: (host) =>
      withBox(host, { command: ['sh', '-c', 'while :; do :; done'], cpus: 0.2 }, async (box) => {
        const percents: number[] = []
        for await (const { cpu } of box.stats({ intervalMs: 500 })) if (percents.push(cpu.percent ?? -1) === 3) break
        expect(Math.max(...percents)).toBeLessThan(40)
      }),
    unless: 'ERR_LIMIT_UNSUPPORTED',
  },
  cpuShares: {
    effect: (host) =>
      withBox(host, { cpuShares: 512 }, async ({ pid }) => {
        const weight = await cgroupFile(pid, 'cpu', { v1: 'cpu.shares', v2: 'cpu.weight' })
        if (weight.version === 'v1') expect(weight.text).toBe('512')
        else expect(Number(weight.text)).toBeLessThan(100)
      }),
    unless: 'ERR_LIMIT_UNSUPPORTED',
  },
  cpuset: {
    effect: inside({ cpuset: '0' }, "awk '/^Cpus_allowed_list/ {print $2}' /proc/self/status", '0\n'),
    unless: 'ERR_LIMIT_UNSUPPORTED',
  },
  pidsLimit: {
    effect: inside({ pidsLimit: 20 }, 'for i in $(seq 60); do sleep 1 & done 2>&1; wait', /fork|Resource/i),
    unless: 'ERR_LIMIT_UNSUPPORTED',
  },
  io: {
    effect: async (host) => {
      const { path, numbers } = await rootDevice()
      await withBox(host, { io: { readBps: { [path]: '1m' } } }, async ({ pid }) => {
        const rates = await cgroupFile(pid, 'blkio', { v1: 'blkio.throttle.read_bps_device', v2: 'io.max' })
        expect(rates.text).toMatch(new RegExp(`${numbers} (rbps=)?1048576`))
      })
    },
    unless: 'ERR_LIMIT_UNSUPPORTED',
  },
  diskQuota: {
    effect: inside({ diskQuota: '8MiB' }, 'dd if=/dev/zero of=/x bs=1M count=20 2>&1', /quota exceeded|No space/),
    unless: 'ERR_LIMIT_UNSUPPORTED',
  },
  pressure: {
    effect: async (host) => {
      let told = (_: EventOf<'pressure'>) => {}
      const event = new Promise<EventOf<'pressure'>>((resolve) => {
        told = resolve
      })
      const busy = 'for i in $(seq $(($(nproc) + 2))); do while :; do :; done & done; wait'
      const pressure = [{ resource: 'cpu', stallMs: 100 }] as const
      await withBox(host, { command: ['sh', '-c', busy], pressure, on: { pressure: told } }, async ({ id }) => {
        expect(await event).toMatchObject({
          container: { id },
          resource: 'cpu',
          kind: 'some',
          stallMs: 100,
          windowMs: 2000,
        })
      })
    },
    unless: 'ERR_UNSUPPORTED',
  },
  ulimits: {
    effect: inside(
      { ulimits: { nofile: 77, core: { soft: 0, hard: 5 } } },
      "awk '/^Max (open files|core file)/ {print $(NF-2), $(NF-1)}' /proc/self/limits",
      '0 5\n77 77\n',
    ),
  },
  shmSize: { effect: inside({ shmSize: '8m' }, "df -k /dev/shm | awk 'NR==2 {print $2}'", '8192\n') },
  oomScoreAdjust: { effect: inside({ oomScoreAdjust: 555 }, 'cat /proc/self/oom_score_adj', '555\n') },
} satisfies Readonly<Record<string, OptionRow>>
