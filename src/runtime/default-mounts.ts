// SPDX-License-Identifier: Apache-2.0
import type { MountSpec } from '../oci/runtime-spec.js'

/** What the mounts that every container has depend on. */
export interface DefaultMountChoices {
  readonly shmBytes: number
  readonly privileged: boolean
  readonly hostPid: boolean
  readonly hostIpc: boolean
}

const locked = ['nosuid', 'noexec', 'nodev']

/** The file systems of the kernel that every container has (runtime-spec 1.2, "Default Filesystems"), in their order. */
export function defaultMounts({ shmBytes, privileged, hostPid, hostIpc }: DefaultMountChoices): readonly MountSpec[] {
  const readonly = privileged ? [] : ['ro']
  return [
    hostPid ? hostTree('/proc', locked) : { destination: '/proc', type: 'proc', source: 'proc', options: locked },
    dev,
    devpts,
    hostIpc
      ? hostTree('/dev/shm', locked)
      : {
          destination: '/dev/shm',
          type: 'tmpfs',
          source: 'shm',
          options: [...locked, 'mode=1777', `size=${shmBytes}`],
        },
    // Not every host shows its message queues as files; they work without.
    ...(hostIpc ? [] : [mqueue]),
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...locked, ...readonly] },
    {
      destination: '/sys/fs/cgroup',
      type: 'cgroup',
      source: 'cgroup',
      options: [...locked, 'relatime', ...readonly],
    },
  ]
}

const dev: MountSpec = {
  destination: '/dev',
  type: 'tmpfs',
  source: 'tmpfs',
  options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
}
const devpts: MountSpec = {
  destination: '/dev/pts',
  type: 'devpts',
  source: 'devpts',
  options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
}
const mqueue: MountSpec = { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: locked }

// A new one would show the namespace of the container, which is the host's, and in a user namespace would be refused.
function hostTree(path: string, options: readonly string[]): MountSpec {
  return { destination: path, type: 'bind', source: path, options: ['rbind', 'rprivate', 'noidmap', ...options] }
}
