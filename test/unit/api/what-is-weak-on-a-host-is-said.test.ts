// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hostWeaknesses, type WeaknessFacts } from '../../../src/api/host-weaknesses.js'

let base: string
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'tsc-weak-'))
})
afterAll(() => rm(base, { recursive: true }))

const facts: WeaknessFacts = {
  kernel: '6.12.1-amd64',
  rootless: false,
  userns: true,
  cgroup: { version: 'v2', controllers: ['swap'], reasons: {} },
}
// A machine with these files and no others.
const machine = async (files: Readonly<Record<string, string | number>>): Promise<string> => {
  const root = await mkdtemp(join(base, 'root-'))
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), typeof content === 'string' ? `${content}\n` : '')
    if (typeof content === 'number') await chmod(join(root, path), content)
  }
  return root
}
const found = async (files: Readonly<Record<string, string | number>>, changes: Partial<WeaknessFacts> = {}) =>
  await hostWeaknesses({ ...facts, ...changes }, await machine(files))

test('a machine that says nothing, and one that is set well, has none', async () => {
  expect(await found({})).toEqual([])
  const well = {
    'proc/sys/kernel/yama/ptrace_scope': '1',
    'proc/sys/kernel/unprivileged_bpf_disabled': '2',
    'proc/sys/kernel/perf_event_paranoid': '3',
    'proc/sys/kernel/randomize_va_space': '2',
    'proc/sys/kernel/core_pattern': 'core',
    'proc/sys/vm/mmap_min_addr': '65536',
    'proc/sys/fs/suid_dumpable': '2',
    'sys/devices/system/cpu/vulnerabilities/mds': 'Mitigation: Clear CPU buffers; SMT disabled',
    'sys/devices/system/cpu/vulnerabilities/l1tf': 'Not affected',
    'sys/kernel/security/lsm': 'lockdown,capability,landlock,yama',
    'sys/fs/cgroup/cgroup.controllers': 'memory',
    'proc/swaps': 'Filename Type Size\n/dev/sda2 partition 1',
    'run/docker.sock': 0o660,
    'dev/kvm': 0o660,
  }
  expect(await found(well)).toEqual([])
})

const settings = [
  ['kernel.yama.ptrace_scope', '0', '1'],
  ['kernel.unprivileged_bpf_disabled', '0', '1'],
  ['kernel.perf_event_paranoid', '-1', '2'],
  ['kernel.dmesg_restrict', '0', '1'],
  ['kernel.kptr_restrict', '0', '1'],
  ['kernel.randomize_va_space', '1', '2'],
  ['vm.unprivileged_userfaultfd', '1', '0'],
  ['vm.mmap_min_addr', '0', '65536'],
  ['fs.suid_dumpable', '1', '0'],
  ['fs.protected_symlinks', '0', '1'],
  ['fs.protected_hardlinks', '0', '1'],
  ['dev.tty.legacy_tiocsti', '1', '0'],
] as const
test.each(settings)('%s=%s', async (feature, weak, better) => {
  const weaknesses = await found({ [`proc/sys/${feature.replaceAll('.', '/')}`]: weak })
  expect(weaknesses).toEqual([
    { feature, problem: expect.stringContaining(`${feature}=${weak}`), fix: `sysctl -w ${feature}=${better}` },
  ])
})

test.each([
  [
    'kernel.core_pattern',
    { 'proc/sys/kernel/core_pattern': '|/usr/share/apport/apport %p %s' },
    {},
    /core_pattern=core/,
  ],
  ['processor', { 'sys/devices/system/cpu/vulnerabilities/spectre_v2': 'Vulnerable' }, {}, /microcode/],
  [
    'processor',
    { 'sys/devices/system/cpu/vulnerabilities/meltdown': 'Vulnerable', 'proc/cmdline': 'quiet mitigations=off' },
    {},
    /without mitigations=off/,
  ],
  [
    'hyper-threads',
    { 'sys/devices/system/cpu/vulnerabilities/mds': 'Mitigation: Clear CPU buffers; SMT vulnerable' },
    {},
    /nosmt/,
  ],
  ['landlock', { 'sys/kernel/security/lsm': 'lockdown,capability,apparmor' }, {}, /lsm=landlock,lockdown,capability/],
  ['user namespaces', {}, { userns: false }, /5\.19/],
  ['cgroup v1', { 'sys/fs/cgroup/memory/release_agent': '' }, {}, /cgroup_no_v1=all/],
  [
    'swap',
    { 'proc/swaps': 'Filename Type Size\n/dev/sda2 partition 1' },
    { cgroup: { version: 'v1', controllers: ['memory'], reasons: {} } },
    /swapaccount=1/,
  ],
  ['open sockets', { 'run/docker.sock': 0o666 }, {}, /^chmod o= \/run\/docker\.sock$/],
  ['open devices', { 'dev/kvm': 0o666 }, {}, /^chmod o= \/dev\/kvm$/],
] as const)('%s is told with its cure', async (feature, files, changes, fix) => {
  expect(await found(files, changes as Partial<WeaknessFacts>)).toEqual([
    { feature, problem: expect.any(String), fix: expect.stringMatching(fix) },
  ])
})

test.each([
  ['5.15.10', {}, ['CVE-2022-0847', 'CVE-2023-0386', 'CVE-2024-1086']],
  ['5.15.100', {}, ['CVE-2024-1086']],
  ['5.15.149', {}, []],
  ['5.19.17', {}, ['CVE-2023-0386', 'CVE-2024-1086']],
  ['6.1.0-18-amd64', { 'proc/version': 'Linux version 6.1.0-18-amd64 (x) #1 SMP Debian 6.1.76-1 (2024-02-01)' }, []],
  ['6.1.0-17-amd64', { 'proc/version': 'Linux version 6.1.0-17-amd64 (x) #1 SMP Debian 6.1.69-1' }, ['CVE-2024-1086']],
  ['5.15.0-91-generic', {}, []],
  ['6.8.1', {}, []],
])('Linux %s', async (kernel, files, cves) => {
  const weaknesses = await found(files, { kernel })
  expect(weaknesses.map(({ feature }) => feature)).toEqual(cves.length > 0 ? ['kernel version'] : [])
  for (const cve of cves) expect(weaknesses[0]?.problem).toContain(cve)
})
