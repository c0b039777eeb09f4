// SPDX-License-Identifier: Apache-2.0
import type { SeccompSpec } from '../oci/runtime-spec-seccomp.js'
import mobyProfile from './data/seccomp-default.json' with { type: 'json' }
import { nativeSeccompArchitecture, resolveSeccomp, type SeccompTarget } from './resolve-seccomp.js'
import { allBut, equalTo } from './seccomp-complement.js'
import { checkSeccompProfile, type SeccompProfile, type SeccompProfileRule } from './seccomp-profile.js'

// include/linux/socket.h: families that few programs need and that brought one local root after another.
const deniedFamilies = { AF_KEY: 15, AF_RXRPC: 33, AF_ALG: 38, AF_VSOCK: 40 }
const AF_NETLINK = 16
const NETLINK_XFRM = 6
// Both put characters into the input of a terminal that a process outside may be reading.
const deniedIoctls = { TIOCSTI: 0x5412, TIOCLINUX: 0x541c }
// socketcall hides the arguments of socket behind a pointer; io_uring makes calls that no filter sees.
const deniedCalls: ReadonlySet<string> = new Set([
  'socketcall',
  'io_uring_setup',
  'io_uring_enter',
  'io_uring_register',
])
const rewrittenCalls: ReadonlySet<string> = new Set(['socket', 'ioctl'])

/**
 * The filter of containers that say nothing else: moby's profile, less foreign ABIs, AF_ALG, AF_VSOCK, AF_RXRPC, AF_KEY,
 * NETLINK_XFRM, io_uring, TIOCSTI and TIOCLINUX, whatever the capabilities. What it denies is EPERM; calls newer than
 * the filter's compiler are ENOSYS, which the compiler adds.
 */
export function defaultSeccomp(target: SeccompTarget): SeccompSpec {
  const { archMap: _, ...profile } = hardenedProfile()
  return resolveSeccomp({ ...profile, architectures: [nativeSeccompArchitecture(target.architecture)] }, target)
}

let hardened: SeccompProfile | undefined

function hardenedProfile(): SeccompProfile {
  if (hardened) return hardened
  const base: unknown = mobyProfile
  checkSeccompProfile(base)
  const kept = (base.syscalls ?? []).map((rule) => ({ ...rule, names: (rule.names ?? []).filter(isKept) }))
  hardened = { ...base, syscalls: [...kept.filter(({ names }) => names.length > 0), ...socketRules(), ...ioctlRules()] }
  return hardened
}

function isKept(name: string): boolean {
  return !deniedCalls.has(name) && !rewrittenCalls.has(name)
}

function socketRules(): readonly SeccompProfileRule[] {
  const families = allBut(0, [...Object.values(deniedFamilies), AF_NETLINK])
  const protocols = allBut(2, [NETLINK_XFRM])
  return [
    ...families.map((family) => allow('socket', [family])),
    ...protocols.map((protocol) => allow('socket', [equalTo(0, AF_NETLINK), protocol])),
  ]
}

function ioctlRules(): readonly SeccompProfileRule[] {
  return allBut(1, Object.values(deniedIoctls)).map((request) => allow('ioctl', [request]))
}

function allow(name: string, args: SeccompProfileRule['args']): SeccompProfileRule {
  return { names: [name], action: 'SCMP_ACT_ALLOW', args }
}
