// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  capabilityNames,
  capabilitySets,
  defaultCapabilities,
  resolveCapabilities,
} from '../../../src/security/capabilities.js'
import { mappedIds, toContainerId, toHostId } from '../../../src/security/id-map.js'
import { maskedPaths } from '../../../src/security/protected-paths.js'

describe('capabilities', () => {
  it('have the kernel’s numbers', () => {
    expect(capabilityNames).toHaveLength(41)
    expect(capabilityNames.indexOf('CAP_SYS_ADMIN')).toBe(21)
    const last = Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8'))
    expect(capabilityNames.length).toBeGreaterThanOrEqual(Math.min(last + 1, 41))
  })

  it('are the default ones in the kernel’s order', () => {
    expect(resolveCapabilities()).toEqual(capabilityNames.filter((name) => defaultCapabilities.includes(name)))
    expect(resolveCapabilities()).toHaveLength(11)
    for (const name of ['CAP_NET_RAW', 'CAP_MKNOD', 'CAP_AUDIT_WRITE'] as const)
      expect(resolveCapabilities()).not.toContain(name)
  })

  it('are added and dropped in any spelling', () => {
    const set = resolveCapabilities({ add: ['net_admin', 'CAP_SYS_PTRACE'], drop: ['Chown'] })
    expect(set).toContain('CAP_NET_ADMIN')
    expect(set).toContain('CAP_SYS_PTRACE')
    expect(set).not.toContain('CAP_CHOWN')
    expect(resolveCapabilities({ drop: ['ALL'] })).toEqual([])
    expect(resolveCapabilities({ drop: ['all'], add: ['KILL'] })).toEqual(['CAP_KILL'])
    expect(resolveCapabilities({ add: ['ALL'], drop: ['SYS_ADMIN'] })).toHaveLength(40)
  })

  it.each([
    [{ add: ['NET'] }, 'capabilities.add[0]'],
    [{ add: ['KILL', ''] }, 'capabilities.add[1]'],
    [{ drop: ['CAP_'] }, 'capabilities.drop[0]'],
    [{ drop: ['__proto__'] }, 'capabilities.drop[0]'],
    [{ add: ['KILL'], drop: ['CAP_KILL'] }, 'capabilities'],
    [{ add: ['ALL'], drop: ['ALL'] }, 'capabilities'],
  ])('%j is refused because of %s', (changes, option) => {
    expect(() => resolveCapabilities(changes)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', option }),
    )
  })

  it('are never inheritable or ambient, and of no effect for others than root', () => {
    const root = capabilitySets(['CAP_KILL'], 0)
    expect(root).toEqual({
      bounding: ['CAP_KILL'],
      effective: ['CAP_KILL'],
      permitted: ['CAP_KILL'],
      inheritable: [],
      ambient: [],
    })
    expect(capabilitySets(['CAP_KILL'], 1000)).toMatchObject({ bounding: ['CAP_KILL'], effective: [], permitted: [] })
  })
})

it('ids are mapped to and fro', () => {
  const mappings = [
    { containerID: 0, hostID: 1000, size: 1 },
    { containerID: 1, hostID: 100000, size: 65535 },
  ]
  expect([0, 1, 65535, 65536].map((id) => toHostId(mappings, id))).toEqual([1000, 100000, 165534, undefined])
  expect([1000, 100000, 1001].map((id) => toContainerId(mappings, id))).toEqual([0, 1, undefined])
  expect(mappedIds(mappings)).toBe(65536)
})

it('every processor’s thermal counters are masked', () => {
  expect(maskedPaths([0, 3])).toContain('/sys/devices/system/cpu/cpu3/thermal_throttle')
  expect(maskedPaths()).toContain('/proc/kcore')
})
