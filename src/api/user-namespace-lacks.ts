// SPDX-License-Identifier: Apache-2.0
import type { HostLack } from '../errors/host-report.js'
import { fatal, lack, why } from './lack.js'
import type { ProbeCaller, ProbeMessage } from './probe-message.js'

const feature = 'user namespaces'

/** Without root nothing runs without them; root's containers are then root on the host. */
export function userNamespaceLacks(found: ProbeMessage, caller: ProbeCaller): HostLack | undefined {
  if (restrictedByAppArmor(found)) return appArmor(caller)
  if (!found.userNamespace.ok) return refused(found)
  if (found.userns !== false) return undefined
  return lack(
    feature,
    `containers get none of their own (${found.usernsReason ?? 'no reason given'}): their root is root here`,
    'put the engine’s root on ext4, xfs, btrfs or tmpfs (TSCONTAINER_ROOT=/path), with Linux 5.19 or newer',
  )
}

// Ubuntu lets the namespace be made and takes all rights away in it, so that the first thing done in it fails.
function restrictedByAppArmor({ sysctl, rootless, userNamespace, namespaces }: ProbeMessage): boolean {
  if (!rootless || sysctl.apparmorRestrictUserns !== '1') return false
  return [userNamespace, namespaces].some((attempt) => attempt?.errno === 'EPERM' || attempt?.errno === 'EACCES')
}

function appArmor({ program }: ProbeCaller): HostLack {
  const profile = `abi <abi/4.0>, profile tscontainer-node ${program} flags=(unconfined) { userns, }`
  const file = '/etc/apparmor.d/tscontainer-node'
  return fatal(
    feature,
    'AppArmor takes all rights away in the user namespaces of ordinary users (kernel.apparmor_restrict_unprivileged_userns=1)',
    `sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or for this program alone: echo '${profile}' >${file} && apparmor_parser -r ${file}`,
  )
}

function refused({ userNamespace, rootless, sysctl, container, filtered }: ProbeMessage): HostLack {
  const make = rootless ? fatal : lack
  if (userNamespace.errno === 'ENOSPC' && sysctl.maxUserNamespaces === '0') {
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
  const problem = `no user namespace can be made${why(userNamespace)}`
  if (userNamespace.step.startsWith('map ids')) {
    return make(
      feature,
      `the ids of this user could not be mapped${why(userNamespace)}`,
      'check that /etc/subuid and /etc/subgid have lines for this user that overlap with nobody’s, or remove both: then one id has to do',
    )
  }
  if (filtered || container) {
    return make(
      feature,
      filtered ? `${problem}: system calls are filtered here` : problem,
      "start the container that this is in with --security-opt seccomp=unconfined (Docker, Podman), seccomp: 'unconfined' (tscontainer), or privileged",
    )
  }
  if (userNamespace.errno === 'ENOSPC') return make(feature, problem, 'sysctl -w user.max_user_namespaces=28633')
  return make(feature, problem, 'boot a kernel with CONFIG_USER_NS=y, and do not start this program in a chroot')
}
