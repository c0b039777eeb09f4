// SPDX-License-Identifier: Apache-2.0
import type { HostWeakness } from '../errors/host-report.js'
import { exposureWeaknesses } from './exposure-weaknesses.js'
import { type HostFiles, hostFiles } from './host-files.js'
import { kernelWeaknesses } from './kernel-weaknesses.js'
import type { ProbeMessage } from './probe-message.js'
import { processorWeaknesses } from './processor-weaknesses.js'
import { settingWeaknesses } from './setting-weaknesses.js'

/** What was tried that a weakness depends on. */
export type WeaknessFacts = Pick<ProbeMessage, 'kernel' | 'rootless' | 'userns' | 'cgroup'>

/**
 * What makes a way out of a container easier on the machine whose files are below `root`. Nothing is tried: it is what the machine says of
 * itself, and what it does not say is no weakness.
 */
export async function hostWeaknesses(facts: WeaknessFacts, root = '/'): Promise<readonly HostWeakness[]> {
  const files = hostFiles(root)
  const found = await Promise.all([
    kernelWeaknesses(files, facts.kernel),
    settingWeaknesses(files),
    processorWeaknesses(files),
    exposureWeaknesses(files),
    releaseAgents(files),
    swap(files, facts),
  ])
  return [...userNamespaces(facts), ...found.flat()]
}

function userNamespaces({ rootless, userns }: WeaknessFacts): readonly HostWeakness[] {
  if (rootless || userns !== false) return []
  const problem = 'root in a container is root of this host, held by capabilities and filters alone'
  const fix =
    'Linux 5.19 with the engine’s root on ext4, xfs or btrfs, and user.max_user_namespaces above 0; or an ordinary user'
  return [{ feature: 'user namespaces', problem, fix }]
}

// CVE-2022-0492, and every privileged container since: the kernel runs what is written there, as root of the host.
async function releaseAgents(files: HostFiles): Promise<readonly HostWeakness[]> {
  const base = '/sys/fs/cgroup'
  const hierarchies = await files.names(base)
  const modes = await Promise.all(hierarchies.map((name) => files.mode(`${base}/${name}/release_agent`)))
  if (modes.every((mode) => mode === undefined)) return []
  const problem =
    'root of the host in a privileged container has the kernel run programs by the release_agent of cgroup v1'
  return [{ feature: 'cgroup v1', problem, fix: 'boot with systemd.unified_cgroup_hierarchy=1 cgroup_no_v1=all' }]
}

async function swap(files: HostFiles, { cgroup }: WeaknessFacts): Promise<readonly HostWeakness[]> {
  const areas = ((await files.text('/proc/swaps')) ?? '').split('\n').slice(1)
  if (areas.length === 0 || cgroup === undefined || cgroup.controllers.includes('swap')) return []
  const problem = 'what a container may use of swap cannot be limited: it can fill that of the host'
  return [{ feature: 'swap', problem, fix: 'boot with swapaccount=1, or swapoff -a' }]
}
