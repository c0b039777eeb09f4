// SPDX-License-Identifier: Apache-2.0
import type { HostLack } from '../errors/host-report.js'
import type { ProbeAttempt, ProbeMessage } from './probe-message.js'

type Rule = (found: ProbeMessage) => HostLack | undefined

const minimalKernel = [5, 15] as const

/** What the machine lacks, by what was found: each with its literal cure, what stops everything first. */
export function hostLacks(found: ProbeMessage): readonly HostLack[] {
  const lacks = [...rules.flatMap((rule) => rule(found) ?? []), ...limitLacks(found)]
  return lacks.sort((one, other) => Number(other.fatal) - Number(one.fatal))
}

const rules: readonly Rule[] = [
  ({ kernel }) => {
    const [major = 0, minor = 0] = kernel.split('.').map((part) => Number.parseInt(part, 10))
    if (major > minimalKernel[0] || (major === minimalKernel[0] && minor >= minimalKernel[1])) return undefined
    return fatal('kernel', `Linux ${kernel} is older than 5.15`, 'boot Linux 5.15 or newer')
  },
  userNamespaces,
  namespaces,
  proc,
  ({ overlay }) =>
    overlay.ok
      ? undefined
      : lack('overlay', `overlayfs cannot be used here${why(overlay)}: layers are copied instead`, 'modprobe overlay'),
  ({ seccomp }) =>
    seccomp.ok
      ? undefined
      : lack(
          'seccomp',
          `system calls cannot be filtered${why(seccomp)}`,
          "boot a kernel with CONFIG_SECCOMP_FILTER; seccomp: 'unconfined' does without",
        ),
  ({ memfdExec, sysctl }) =>
    memfdExec.ok
      ? undefined
      : lack(
          'memfd',
          `programs cannot be started from memory (vm.memfd_noexec=${sysctl.memfdNoexec || '?'}): the supervisor is started from its file`,
          'sysctl -w vm.memfd_noexec=1',
        ),
  ({ rootless, idMap }) =>
    rootless && idMap === 'single'
      ? lack(
          'subordinate ids',
          'this user has no subordinate ids: containers have the user 0 only, any other is ERR_USER_UNMAPPED',
          'apt-get install uidmap && usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER',
        )
      : undefined,
]

function userNamespaces({ userNamespace, rootless, sysctl }: ProbeMessage): HostLack | undefined {
  if (userNamespace.ok) return undefined
  const make = rootless ? fatal : lack
  const feature = 'user namespaces'
  if (sysctl.maxUserNamespaces === '0') {
    return make(
      feature,
      'user namespaces are switched off (user.max_user_namespaces=0)',
      'sysctl -w user.max_user_namespaces=28633',
    )
  }
  if (rootless && sysctl.unprivilegedUsernsClone === '0') {
    return make(
      feature,
      'only root may make user namespaces (kernel.unprivileged_userns_clone=0)',
      'sysctl -w kernel.unprivileged_userns_clone=1',
    )
  }
  if (rootless && sysctl.apparmorRestrictUserns === '1') return apparmor
  if (/newuidmap|newgidmap/.test(userNamespace.step)) {
    return make(
      feature,
      `the subordinate ids could not be mapped${why(userNamespace)}`,
      'apt-get install uidmap, and check this user’s lines in /etc/subuid and /etc/subgid',
    )
  }
  return make(
    feature,
    `no user namespace can be made${why(userNamespace)}`,
    'inside a container: run that one with --privileged, or with --security-opt seccomp=unconfined; else boot a kernel with CONFIG_USER_NS',
  )
}

const apparmor = fatal(
  'user namespaces',
  'AppArmor takes all rights away in the user namespaces of ordinary users (kernel.apparmor_restrict_unprivileged_userns=1)',
  'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for node that has the rule `userns,`',
)

function namespaces({ namespaces: attempt, userNamespace, rootless, sysctl }: ProbeMessage): HostLack | undefined {
  if (attempt.ok || (rootless && !userNamespace.ok)) return undefined
  // Such a namespace can be made, but nothing can be done in it.
  if (rootless && sysctl.apparmorRestrictUserns === '1') return apparmor
  return fatal(
    'namespaces',
    `the kernel refuses to make namespaces${why(attempt)}`,
    'inside a container: run that one with --privileged, or with --cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined',
  )
}

function proc({ proc: attempt, namespaces: made, userNamespace, rootless }: ProbeMessage): HostLack | undefined {
  if (attempt.ok || !made.ok || (rootless && !userNamespace.ok)) return undefined
  return fatal(
    'procfs',
    `no /proc of a container's own can be mounted${why(attempt)}: parts of the one here are covered`,
    'inside a container: run that one with --security-opt systempaths=unconfined (Docker), --security-opt unmask=ALL (Podman), or --privileged',
  )
}

// What a missing limit does not stop: asking for it is a typed error.
const limits = ['memory', 'cpu', 'pids', 'freeze', 'kill'] as const

function limitLacks({ cgroup }: ProbeMessage): readonly HostLack[] {
  const missing = limits.filter((name) => !cgroup.controllers.includes(name))
  const byReason = new Map<string, (typeof limits)[number][]>()
  for (const name of missing) {
    const reason = cgroup.reasons[name] ?? cgroup.reasons[''] ?? 'the kernel has no such controller'
    byReason.set(reason, [...(byReason.get(reason) ?? []), name])
  }
  return [...byReason].map(([reason, names]) => {
    const at = reason.indexOf(': ')
    const [problem, fix] = at < 0 ? [reason, reason] : [reason.slice(0, at), reason.slice(at + 2)]
    return lack(`cgroup ${names.join(', ')}`, `${names.map((name) => effects[name]).join(', ')}: ${problem}`, fix)
  })
}

const effects = {
  memory: 'memory cannot be limited',
  cpu: 'processor time cannot be limited',
  pids: 'processes are counted for each user only',
  freeze: 'containers cannot be paused',
  kill: 'what calls setsid outlives its exec until the container ends',
} as const

function fatal(feature: string, problem: string, fix: string): HostLack {
  return { feature, fatal: true, problem, fix }
}

function lack(feature: string, problem: string, fix: string): HostLack {
  return { feature, fatal: false, problem, fix }
}

function why({ errno, step }: ProbeAttempt): string {
  return errno === null ? '' : ` (${step.trim() ? `${step.trim()}: ` : ''}${errno})`
}
