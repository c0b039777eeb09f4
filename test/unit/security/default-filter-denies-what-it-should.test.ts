// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { capabilityNames, defaultCapabilities } from '../../../src/security/capabilities.js'
import { defaultSeccomp } from '../../../src/security/default-seccomp.js'
import { allows } from './seccomp-filter.js'

const target = { capabilities: defaultCapabilities, architecture: 'amd64', kernel: '6.18.5' }
const filter = defaultSeccomp(target)
const everything = defaultSeccomp({ ...target, capabilities: capabilityNames })
const high = 1n << 32n

describe.each([
  ['the ordinary capabilities', filter],
  ['all capabilities', everything],
])('with %s', (_, current) => {
  it.each([
    ['AF_KEY', 15],
    ['AF_RXRPC', 33],
    ['AF_ALG', 38],
    ['AF_VSOCK', 40],
  ])('sockets of %s are denied, also with high bits set', (_name, family) => {
    for (const bits of [0n, high, high << 31n, 0xffff_ffffn << 32n])
      expect(allows(current, 'socket', BigInt(family) | bits, 1, 0)).toBe(false)
  })

  it('all other families are allowed exactly once', () => {
    for (let family = 0; family < 300; family++) {
      if ([15, 33, 38, 40].includes(family)) continue
      expect(allows(current, 'socket', family, 1, 0), `family ${family}`).toBe(true)
    }
    expect(allows(current, 'socket', 0xffff_ffff, 1, 0)).toBe(true)
  })

  it('netlink is allowed but for XFRM', () => {
    for (let protocol = 0; protocol < 32; protocol++)
      expect(allows(current, 'socket', 16, 3, protocol)).toBe(protocol !== 6)
    expect(allows(current, 'socket', 16n | high, 3, 6n | high)).toBe(false)
    expect(allows(current, 'socket', 2, 3, 6)).toBe(true)
  })

  it('TIOCSTI and TIOCLINUX are denied, also with high bits set; every other ioctl is allowed', () => {
    for (const request of [0x5412n, 0x541cn]) {
      expect(allows(current, 'ioctl', 0, request)).toBe(false)
      expect(allows(current, 'ioctl', 0, request | high)).toBe(false)
      expect(allows(current, 'ioctl', 0, request | (0xffff_ffffn << 32n))).toBe(false)
      for (let bit = 0n; bit < 32n; bit++) expect(allows(current, 'ioctl', 0, request ^ (1n << bit))).toBe(true)
    }
    for (const request of [0n, 0x5401n, 0x5413n, 0x541bn, 0x541dn, 0x8004_5430n, 0xffff_ffff_8004_5430n]) {
      expect(allows(current, 'ioctl', 0, request)).toBe(true)
    }
  })

  it.each([
    'io_uring_setup',
    'io_uring_enter',
    'io_uring_register',
    'socketcall',
    'keyctl',
    'add_key',
    'request_key',
    'userfaultfd',
    'kexec_load',
  ])('%s is denied', (name) => expect(allows(current, name)).toBe(false))

  it('knows one ABI, the processor’s own', () => {
    expect(current.architectures).toEqual(['SCMP_ARCH_X86_64'])
  })
})

it.each(['mount', 'umount2', 'setns', 'unshare', 'bpf', 'perf_event_open', 'open_tree', 'fsopen'])(
  '%s wants CAP_SYS_ADMIN',
  (name) => {
    expect(allows(filter, name)).toBe(false)
    expect(allows(defaultSeccomp({ ...target, capabilities: ['CAP_SYS_ADMIN'] }), name)).toBe(true)
  },
)

it('clone cannot make namespaces, clone3 says that it does not exist', () => {
  for (const flag of [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]) {
    expect(allows(filter, 'clone', 17 | flag)).toBe(false)
  }
  expect(allows(filter, 'clone', 0x3d0f00)).toBe(true)
  expect(filter.syscalls?.find(({ names }) => names.includes('clone3'))).toMatchObject({
    action: 'SCMP_ACT_ERRNO',
    errnoRet: 38,
  })
})

it.each([
  'read',
  'openat',
  'execve',
  'futex',
  'ptrace',
  'chroot',
  'socketpair',
  'connect',
  'clock_gettime',
  'statx',
  'faccessat2',
])('%s stays allowed', (name) => expect(allows(filter, name)).toBe(true))

it('an old kernel has no ptrace, another processor its own calls', () => {
  expect(allows(defaultSeccomp({ ...target, kernel: '4.7.10' }), 'ptrace')).toBe(false)
  expect(allows(filter, 'arch_prctl')).toBe(true)
  const arm64 = defaultSeccomp({ ...target, architecture: 'arm64' })
  expect(allows(arm64, 'arch_prctl')).toBe(false)
  expect(allows(arm64, 'set_tls')).toBe(true)
  expect(arm64.architectures).toEqual(['SCMP_ARCH_AARCH64'])
})
