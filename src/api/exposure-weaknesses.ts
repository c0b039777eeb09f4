// SPDX-License-Identifier: Apache-2.0
import type { HostWeakness } from '../errors/host-report.js'
import type { HostFiles } from './host-files.js'

// Whoever may write to one of these is root of the host.
const sockets = [
  '/run/docker.sock',
  '/run/containerd/containerd.sock',
  '/run/podman/podman.sock',
  '/run/crio/crio.sock',
] as const
const devices = ['/dev/kvm', '/dev/mem', '/dev/kmem', '/dev/port', '/dev/kmsg'] as const

/** What of the host is open to every user on it, and to who gets out of a container as one. */
export async function exposureWeaknesses(files: HostFiles): Promise<readonly HostWeakness[]> {
  const open = async (paths: readonly string[], bit: number) => {
    const modes = await Promise.all(paths.map((path) => files.mode(path)))
    return paths.filter((_, index) => ((modes[index] ?? 0) & bit) !== 0)
  }
  const [engines, nodes] = await Promise.all([open(sockets, 0o002), open(devices, 0o006)])
  return [
    ...(engines.length > 0
      ? [
          {
            feature: 'open sockets',
            problem: `every user of this host is root by ${engines.join(', ')}`,
            fix: `chmod o= ${engines.join(' ')}`,
          } as const,
        ]
      : []),
    ...(nodes.length > 0
      ? [
          {
            feature: 'open devices',
            problem: `every user of this host may open ${nodes.join(', ')}`,
            fix: `chmod o= ${nodes.join(' ')}`,
          } as const,
        ]
      : []),
  ]
}
