// SPDX-License-Identifier: Apache-2.0
import type { HostWeakness, HostWeaknessName } from '../errors/host-report.js'
import type { HostFiles } from './host-files.js'

interface Setting {
  readonly name: HostWeaknessName
  readonly isWeak: (value: string) => boolean
  readonly problem: string
  /** What it should be. */
  readonly better: string
}

const below = (least: number) => (value: string) => Number.parseInt(value, 10) < least
const is = (weak: string) => (value: string) => value === weak

// Documentation/admin-guide/sysctl of the kernel says what each value means.
const settings: readonly Setting[] = [
  {
    name: 'kernel.yama.ptrace_scope',
    isWeak: is('0'),
    problem:
      'processes of one user may trace each other: who gets out of a rootless container has the user’s agents and keys',
    better: '1',
  },
  {
    name: 'kernel.unprivileged_bpf_disabled',
    isWeak: is('0'),
    problem: 'whoever has no filter of system calls reaches the verifier of BPF',
    better: '1',
  },
  {
    name: 'kernel.perf_event_paranoid',
    isWeak: below(2),
    problem: 'programs of any user may observe the kernel by its performance counters',
    better: '2',
  },
  {
    name: 'kernel.dmesg_restrict',
    isWeak: is('0'),
    problem: 'any user reads the kernel’s log, with addresses and traces of failures in it',
    better: '1',
  },
  {
    name: 'kernel.kptr_restrict',
    isWeak: is('0'),
    problem: 'addresses of the kernel are shown where they may be read',
    better: '1',
  },
  {
    name: 'kernel.randomize_va_space',
    isWeak: below(2),
    problem: 'programs lie at addresses that can be guessed',
    better: '2',
  },
  {
    name: 'vm.unprivileged_userfaultfd',
    isWeak: is('1'),
    problem:
      'whoever has no filter of system calls can hold the kernel still in the middle of a copy, which makes races easy to win',
    better: '0',
  },
  {
    name: 'vm.mmap_min_addr',
    isWeak: is('0'),
    problem: 'a null pointer of the kernel’s can be made to lead to a program’s memory',
    better: '65536',
  },
  {
    name: 'fs.suid_dumpable',
    isWeak: is('1'),
    problem: 'processes that changed their ids may be traced by whom they became',
    better: '0',
  },
  {
    name: 'fs.protected_symlinks',
    isWeak: is('0'),
    problem: 'links of strangers in directories that all may write are followed',
    better: '1',
  },
  {
    name: 'fs.protected_hardlinks',
    isWeak: is('0'),
    problem: 'files that one may not write can be given another name',
    better: '1',
  },
  {
    name: 'dev.tty.legacy_tiocsti',
    isWeak: is('1'),
    problem:
      'a program can type into the terminal that it shares: containers’ filter forbids that, `unconfined` and `privileged` do not',
    better: '0',
  },
]

/** Settings of the kernel that give strangers more than they need. */
export async function settingWeaknesses(files: HostFiles): Promise<readonly HostWeakness[]> {
  const found = await Promise.all(settings.map((setting) => weaknessOf(files, setting)))
  return [...found.flat(), ...(await corePattern(files))]
}

const read = (files: HostFiles, name: string) => files.text(`/proc/sys/${name.replaceAll('.', '/')}`)

async function weaknessOf(
  files: HostFiles,
  { name, isWeak, problem, better }: Setting,
): Promise<readonly HostWeakness[]> {
  const value = await read(files, name)
  if (value === undefined || !isWeak(value)) return []
  return [{ feature: name, problem: `${problem} (${name}=${value})`, fix: `sysctl -w ${name}=${better}` }]
}

async function corePattern(files: HostFiles): Promise<readonly HostWeakness[]> {
  const value = (await read(files, 'kernel.core_pattern')) ?? ''
  if (!value.startsWith('|')) return []
  const [program = ''] = value.slice(1).trim().split(' ')
  const problem = `memory and names of a container’s failing programs are given to a program of the host’s, as root (${program})`
  return [{ feature: 'kernel.core_pattern', problem, fix: 'sysctl -w kernel.core_pattern=core' }]
}
