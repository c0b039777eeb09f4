// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { resolveSeccomp } from '../../../src/security/resolve-seccomp.js'
import { checkSeccompProfile, type SeccompProfile } from '../../../src/security/seccomp-profile.js'
import { allows, matchingRules } from './seccomp-filter.js'

function fixture(name: string): SeccompProfile {
  const value: unknown = JSON.parse(
    readFileSync(new URL(`../../fixtures/seccomp/${name}.json`, import.meta.url), 'utf8'),
  )
  checkSeccompProfile(value)
  return value
}
const target = { capabilities: [] as string[], architecture: 'amd64', kernel: '6.1.0-18-amd64' }

describe('profiles of moby', () => {
  it('conditional includes follow the capability', () => {
    const profile = fixture('conditional_include')
    const without = resolveSeccomp(profile, target)
    const [log, admin] = ['CAP_SYSLOG', 'CAP_SYS_ADMIN'].map((name) =>
      resolveSeccomp(profile, { ...target, capabilities: [name] }),
    )
    expect([allows(without, 'syslog'), allows(without, 'ptrace')]).toEqual([false, true])
    expect(log && [allows(log, 'syslog'), allows(log, 'ptrace')]).toEqual([true, true])
    expect(admin && [allows(admin, 'syslog'), allows(admin, 'ptrace')]).toEqual([false, false])
  })

  it('the old format is understood', () => {
    const filter = resolveSeccomp(fixture('default-old-format'), target)
    expect(filter.architectures).toEqual(['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'])
    expect(allows(filter, 'accept')).toBe(true)
    expect(allows(filter, 'mount')).toBe(false)
  })

  it('errors and defaults are kept', () => {
    const filter = resolveSeccomp(fixture('example'), target)
    expect(filter.defaultErrnoRet).toBe(1)
    expect(matchingRules(filter, 'syslog')).toMatchObject([{ action: 'SCMP_ACT_ERRNO', errnoRet: 12345 }])
    expect(allows(filter, 'clone', 17)).toBe(true)
    expect(allows(filter, 'clone', 0x10000000)).toBe(false)
  })
})

it('an archMap gives the processor’s ABI and those beside it', () => {
  const archMap = [
    { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
    { architecture: 'SCMP_ARCH_RISCV64', subArchitectures: null },
  ]
  const resolve = (architecture: string) =>
    resolveSeccomp({ defaultAction: 'SCMP_ACT_ERRNO', archMap }, { ...target, architecture }).architectures
  expect(resolve('arm64')).toEqual(['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'])
  expect(resolve('riscv64')).toEqual(['SCMP_ARCH_RISCV64'])
  expect(resolve('amd64')).toEqual(['SCMP_ARCH_X86_64'])
})

it.each([
  [undefined, 'seccomp'],
  [{}, 'seccomp.defaultAction'],
  ['unconfined', 'seccomp'],
  [{ defaultAction: 'ALLOW' }, 'seccomp.defaultAction'],
  [{ defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ action: 'SCMP_ACT_ALLOW' }] }, 'seccomp.syscalls[0]'],
  [
    { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ name: 'a', names: ['a'], action: 'SCMP_ACT_ALLOW' }] },
    'seccomp.syscalls[0]',
  ],
  [
    {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [{ names: ['a'], action: 'SCMP_ACT_ALLOW', args: [{ index: 6, value: 1, op: 'SCMP_CMP_EQ' }] }],
    },
    'seccomp.syscalls[0].args[0].index',
  ],
  [
    {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [{ names: ['a'], action: 'SCMP_ACT_ALLOW', includes: { minKernel: 'x' } }],
    },
    'seccomp.syscalls[0].includes.minKernel',
  ],
  [{ defaultAction: 'SCMP_ACT_ERRNO', architectures: ['a'], archMap: [{ architecture: 'a' }] }, 'seccomp'],
  [{ defaultAction: 'SCMP_ACT_ERRNO', sysCalls: [] }, 'seccomp.sysCalls'],
])('%j is refused because of %s', (value, option) => {
  expect(() => checkSeccompProfile(value)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', option }))
})
