// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs'
import { release } from 'node:os'
import type { MountSpec, RuntimeSpec } from '../src/oci/runtime-spec.js'
import { capabilitySets, defaultCapabilities } from '../src/security/capabilities.js'
import { defaultSeccomp } from '../src/security/default-seccomp.js'
import { maskedPaths, readonlyPaths } from '../src/security/protected-paths.js'

const mounts: readonly MountSpec[] = [
  { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
  {
    destination: '/dev',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
  },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
  {
    destination: '/dev/shm',
    type: 'tmpfs',
    source: 'shm',
    options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=67108864'],
  },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  {
    destination: '/sys/fs/cgroup',
    type: 'cgroup',
    source: 'cgroup',
    options: ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'],
  },
]

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

// "0-3,8"
function possibleCpus(): readonly number[] {
  const text = readFileSync('/sys/devices/system/cpu/possible', 'utf8').trim()
  return text.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}

/**
 * An OCI config.json with all that a container gets when nothing is asked for, and limits: for programs that are driven
 * without the public API (the core alone, crun, runc).
 */
export function containerConfig(args: readonly string[], rootPath = 'rootfs'): RuntimeSpec {
  const target = {
    capabilities: defaultCapabilities,
    architecture: architectures[process.arch] ?? process.arch,
    kernel: release(),
  }
  return {
    ociVersion: '1.2.0',
    process: {
      args,
      cwd: '/',
      user: { uid: 0, gid: 0 },
      env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      capabilities: capabilitySets(defaultCapabilities, 0),
      noNewPrivileges: true,
    },
    root: { path: rootPath },
    hostname: 'bench',
    mounts,
    linux: {
      namespaces: [
        { type: 'pid' },
        { type: 'mount' },
        { type: 'ipc' },
        { type: 'uts' },
        { type: 'network' },
        { type: 'cgroup' },
      ],
      resources: { memory: { limit: 256 * 2 ** 20 }, pids: { limit: 512 } },
      seccomp: defaultSeccomp(target),
      maskedPaths: maskedPaths(possibleCpus()),
      readonlyPaths,
    },
  }
}
