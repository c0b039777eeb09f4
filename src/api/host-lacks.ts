// SPDX-License-Identifier: Apache-2.0
import type { HostLack } from '../errors/host-report.js'
import { limitLacks } from './cgroup-lacks.js'
import { forwardingLack } from './forwarding-lack.js'
import { fatal, lack, why } from './lack.js'
import { outboundLack } from './outbound-lack.js'
import type { ProbeCaller, ProbeMessage } from './probe-message.js'
import { userNamespaceLacks } from './user-namespace-lacks.js'

type Rule = (found: ProbeMessage, caller: ProbeCaller) => HostLack | undefined

const minimalKernel = [5, 15] as const

/** What the machine lacks, by what was found: each with its literal cure, what stops everything first. */
export function hostLacks(found: ProbeMessage, caller: ProbeCaller): readonly HostLack[] {
  const ask = (rule: Rule) => rule(found, caller) ?? []
  const lacks = [firstFatal(steps, ask), rules.flatMap(ask), limitLacks(found)].flat()
  return lacks.sort((one, other) => Number(other.fatal) - Number(one.fatal))
}

// Each of these stands on the one before: what a fatal lack brings with it is no news.
const steps: readonly Rule[] = [userNamespaceLacks, namespaces, setUp]
const rules: readonly Rule[] = [
  kernel,
  proc,
  directory,
  subordinateIds,
  overlay,
  seccomp,
  memfd,
  networks,
  outboundLack,
  forwardingLack,
  impairment,
]

function firstFatal(chain: readonly Rule[], ask: (rule: Rule) => HostLack | readonly HostLack[]): readonly HostLack[] {
  const lacks = chain.flatMap(ask)
  const end = lacks.findIndex(({ fatal: stops }) => stops)
  return end < 0 ? lacks : lacks.slice(0, end + 1)
}

function kernel({ kernel: release }: ProbeMessage): HostLack | undefined {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10))
  if (major > minimalKernel[0] || (major === minimalKernel[0] && minor >= minimalKernel[1])) return undefined
  return fatal('kernel', `Linux ${release} is older than 5.15`, 'boot Linux 5.15 or newer')
}

function namespaces({ namespaces: attempt, container }: ProbeMessage): HostLack | undefined {
  if (attempt === undefined || attempt.ok) return undefined
  return fatal(
    'namespaces',
    `the kernel refuses to make namespaces${why(attempt)}`,
    container
      ? 'start the container that this is in with --privileged, or with --security-opt seccomp=unconfined --security-opt apparmor=unconfined'
      : 'sysctl -w user.max_mnt_namespaces=28633 user.max_pid_namespaces=28633 user.max_net_namespaces=28633',
  )
}

function proc({ proc: attempt, namespaces: made }: ProbeMessage): HostLack | undefined {
  if (attempt === undefined || attempt.ok || !made?.ok) return undefined
  return fatal(
    'procfs',
    `no /proc of a container’s own can be mounted${why(attempt)}, since parts of the one here are covered`,
    'start the container that this is in with --security-opt systempaths=unconfined (Docker), --security-opt unmask=ALL (Podman), procMount: Unmasked (Kubernetes) or privileged: true (tscontainer)',
  )
}

function networks({ networks: attempt }: ProbeMessage): HostLack | undefined {
  if (attempt === undefined || attempt.ok) return undefined
  return lack(
    'networks',
    `containers cannot be put on networks${why(attempt)}`,
    'modprobe -a bridge veth nf_tables nft_nat nft_masq; in a container CAP_NET_ADMIN is needed too',
  )
}

function impairment({ networks: made, impairment: attempt }: ProbeMessage): HostLack | undefined {
  if (!made?.ok || attempt === undefined || attempt.ok) return undefined
  return lack(
    'impairment',
    `nothing that containers send can be delayed or lost on purpose${why(attempt)}: network.impair is ERR_UNSUPPORTED`,
    'modprobe sch_netem, or boot a kernel with CONFIG_NET_SCH_NETEM',
  )
}

function cannotWrite({ supervisor }: ProbeMessage): boolean {
  return supervisor?.ok === false && supervisor.step.startsWith('create directory')
}

function directory(found: ProbeMessage): HostLack | undefined {
  if (!found.supervisor || !cannotWrite(found)) return undefined
  return fatal(
    'root directory',
    `the engine’s directory cannot be written${why(found.supervisor)}`,
    'set TSCONTAINER_ROOT to a directory that this user may write',
  )
}

function setUp(found: ProbeMessage): HostLack | undefined {
  if (found.supervisor?.ok !== false || cannotWrite(found)) return undefined
  return fatal(
    'supervisor',
    `the supervisor cannot be set up${why(found.supervisor)}`,
    'allow that step: `strace -f` on this program shows the system call that is refused',
  )
}

function subordinateIds({ idMap, idMapReason = '', noNewPrivileges, container }: ProbeMessage, { user }: ProbeCaller) {
  if (idMap !== 'single') return undefined
  const make = (problem: string, fix: string) =>
    lack('subordinate ids', `${problem}: containers have the user 0 only, any other is ERR_USER_UNMAPPED`, fix)
  if (idMapReason.startsWith('no new')) return make(`there is ${idMapReason}`, 'apt-get install uidmap')
  if (idMapReason.startsWith('no range')) {
    const file = idMapReason.replace('no range in ', '')
    return make(
      `${file} gives ${user} no subordinate ids`,
      user.startsWith('#')
        ? `useradd --uid ${user.slice(1)} someone && usermod --add-subuids 100000-165535 --add-subgids 100000-165535 someone`
        : `usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${user}`,
    )
  }
  if (idMapReason === '') {
    const fix = 'map more ids into the user namespace that this is in: at least 0 to 65535'
    return make('one id is all that is mapped here', container ? fix : `${fix} (unshare --map-auto)`)
  }
  if (noNewPrivileges) {
    return make(
      'newuidmap can do nothing under no_new_privs',
      'start this program without it: NoNewPrivileges=no (systemd), no `--security-opt no-new-privileges` (Docker), noNewPrivileges: false (tscontainer)',
    )
  }
  return make(
    `newuidmap was refused (${idMapReason})`,
    `check the lines of ${user} in /etc/subuid and /etc/subgid, and that newuidmap and newgidmap are set-user-ID: chmod u+s /usr/bin/newuidmap /usr/bin/newgidmap`,
  )
}

function overlay({ snapshotter, fileSystem }: ProbeMessage): HostLack | undefined {
  if (snapshotter !== 'copy') return undefined
  const where = fileSystem === '' ? '' : ` on ${fileSystem}`
  return lack(
    'overlay',
    `overlayfs cannot be used${where}: the layers of an image are copied for each container`,
    'put the engine’s root on ext4, xfs, btrfs or tmpfs (TSCONTAINER_ROOT=/path), and if the kernel has no overlayfs yet: modprobe overlay',
  )
}

function seccomp({ seccomp: attempt }: ProbeMessage): HostLack | undefined {
  if (attempt.ok) return undefined
  return lack(
    'seccomp',
    `system calls cannot be filtered${why(attempt)}`,
    "boot a kernel with CONFIG_SECCOMP_FILTER; seccomp: 'unconfined' does without",
  )
}

function memfd({ memfdExec, sysctl }: ProbeMessage): HostLack | undefined {
  if (memfdExec.ok) return undefined
  return lack(
    'memfd',
    `programs cannot be started from memory (vm.memfd_noexec=${sysctl.memfdNoexec || '?'}): the supervisor is started from its file`,
    'sysctl -w vm.memfd_noexec=1',
  )
}
