// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import type { CapabilitiesSpec } from '../oci/runtime-spec.js'

/** Every capability of Linux by its number (linux/capability.h), 0 to 40. */
export const capabilityNames = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
] as const

/** `CAP_CHOWN` and so on. */
export type Capability = (typeof capabilityNames)[number]

/** What a container has unless it says otherwise. */
export const defaultCapabilities: readonly Capability[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_NET_BIND_SERVICE',
  'CAP_SYS_CHROOT',
  'CAP_SETFCAP',
]

/** Changes to the default set: names with or without `CAP_`, in any case, or `ALL`. */
export interface CapabilityChanges {
  /** `CAP_NET_ADMIN`, `net_admin` or `ALL`. */
  readonly add?: readonly string[] | undefined
  /** As `add`; taken away first, so that `ALL` here leaves what `add` names. */
  readonly drop?: readonly string[] | undefined
}

/**
 * The default set with these changes, in the kernel's order. Dropping `ALL` leaves what is added, adding `ALL` leaves out
 * what is dropped. A name that is unknown, or both added and dropped, is ERR_INVALID_ARGUMENT naming the option.
 */
export function resolveCapabilities(changes: CapabilityChanges = {}, option = 'capabilities'): readonly Capability[] {
  const add = readNames(changes.add, `${option}.add`)
  const drop = readNames(changes.drop, `${option}.drop`)
  for (const name of add) {
    if (drop.has(name)) throw invalidArgument(option, `${name} is both added and dropped`)
  }
  const base = new Set<string>(add.has('ALL') ? capabilityNames : drop.has('ALL') ? [] : defaultCapabilities)
  return capabilityNames.filter((name) => (base.has(name) || add.has(name)) && !drop.has(name))
}

/** The name as the kernel's headers have it: `net_admin` is `CAP_NET_ADMIN`. */
export function parseCapability(value: unknown, option: string): Capability {
  const upper = typeof value === 'string' ? value.toUpperCase() : ''
  const full = upper.startsWith('CAP_') ? upper : `CAP_${upper}`
  const found = capabilityNames.find((name) => name === full)
  if (found) return found
  throw invalidArgument(option, `${quoted(value)} is not a capability`, 'see capabilities(7): NET_ADMIN, SYS_PTRACE …')
}

/**
 * The five sets of a process that may have these capabilities. Inheritable and ambient stay empty (CVE-2022-24769); for a
 * user other than root only the bounding set is left, as execve would do.
 */
export function capabilitySets(capabilities: readonly Capability[], uid: number): CapabilitiesSpec {
  const effective = uid === 0 ? capabilities : []
  return { bounding: capabilities, effective, permitted: effective, inheritable: [], ambient: [] }
}

function readNames(names: readonly string[] | undefined, option: string): ReadonlySet<Capability | 'ALL'> {
  return new Set(
    names?.map((name, index) =>
      /^(CAP_)?ALL$/i.test(String(name)) ? 'ALL' : parseCapability(name, `${option}[${index}]`),
    ),
  )
}
