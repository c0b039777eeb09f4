// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import type { ContainerOptions } from '../../../src/runtime/container-options.js'
import { goodHost, plan } from './plan-input.js'

const resources = (options: ContainerOptions, host = goodHost) => plan(options, { host }).spec.linux.resources

test('memory counts swap too, unless it is said how much', () => {
  const MiB = 1024 * 1024
  expect(resources({ memory: '64MiB' })?.memory).toEqual({ limit: 64 * MiB, swap: 64 * MiB })
  expect(resources({ memory: '64MiB', memorySwap: '96MiB' })?.memory).toEqual({ limit: 64 * MiB, swap: 96 * MiB })
  expect(resources({ memory: '64MiB', memorySwap: 'unlimited' })?.memory).toEqual({ limit: 64 * MiB, swap: -1 })
  const host = { ...goodHost, controllers: goodHost.controllers.filter((name) => name !== 'swap') }
  expect(resources({ memory: '64MiB' }, host)?.memory).toEqual({ limit: 64 * MiB })
})

test('what is kept is no more than what may be used', () => {
  expect(resources({ memoryReservation: '32MiB' })?.memory).toEqual({ reservation: 32 * 2 ** 20 })
  expect(resources({ memory: '64MiB', memoryReservation: '32MiB' })?.memory).toMatchObject({
    reservation: 32 * 2 ** 20,
  })
  expect(() => resources({ memory: '1MiB', memoryReservation: '2MiB' })).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', option: 'memoryReservation' }),
  )
})

test('a period of one’s own has its part of the quota', () => {
  expect(resources({ cpus: 0.5, cpuPeriodUs: 20_000 })?.cpu).toEqual({ quota: 10_000, period: 20_000 })
  expect(resources({ cpuPeriodUs: 20_000 })?.cpu).toEqual({ period: 20_000 })
})

test('processors become a quota', () => {
  expect(resources({ cpus: 0.5, cpuShares: 512, cpuset: '0-1' })?.cpu).toEqual({
    quota: 50_000,
    period: 100_000,
    shares: 512,
    cpus: '0-1',
  })
  expect(resources({ cpus: 0.01 })?.cpu?.quota).toBe(1000)
})

test('processes', () => {
  expect(resources({ pidsLimit: 10 })?.pids).toEqual({ limit: 10 })
  expect(resources({ pidsLimit: 'unlimited' })?.pids).toEqual({ limit: -1 })
})

test('rates of devices', () => {
  expect(resources({ io: { weight: 100 } })?.blockIO).toEqual({ weight: 100 })
})

test('rlimits', () => {
  const { process } = plan({ ulimits: { nofile: 5, core: { soft: 0, hard: 'unlimited' } } }).spec
  expect(process?.rlimits).toEqual([
    { type: 'RLIMIT_NOFILE', soft: 5, hard: 5 },
    { type: 'RLIMIT_CORE', soft: 0, hard: -1 },
  ])
})

describe('where a controller is missing', () => {
  const reasons = { memory: 'it is not delegated: run under systemd-run' }
  const host = { ...goodHost, controllers: [], reasons }
  test.each([
    ['memory', { memory: '64m' }],
    ['cpus', { cpus: 1 }],
    ['cpuShares', { cpuShares: 10 }],
    ['cpuset', { cpuset: '0' }],
    ['io', { io: { weight: 100 } }],
  ])('%s is refused by name', (option, options) => {
    expect(() => plan(options, { host })).toThrow(expect.objectContaining({ code: 'ERR_LIMIT_UNSUPPORTED', option }))
  })

  test('the reason is the hint', () => {
    expect(() => plan({ memory: '64m' }, { host })).toThrow(expect.objectContaining({ hint: reasons.memory }))
  })

  test('asking for nothing is fine', () => {
    expect(() => plan({}, { host })).not.toThrow()
  })
})
