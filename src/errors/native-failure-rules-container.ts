// SPDX-License-Identifier: Apache-2.0
import type { NativeFailureRule } from './native-failure-rules.js'
import { unmappedId } from './unmapped-id.js'

const startSteps = ['find executable', 'execute']
const limitSteps = ['cgroup limit', 'cgroup resources']
const unsupported = ['ENOSYS', 'ENOTSUP', 'EOPNOTSUPP']

const programRules: readonly NativeFailureRule[] = [
  {
    steps: startSteps,
    errnos: ['ENOENT'],
    code: 'ERR_START_FAILED',
    problem: 'no such executable in the container',
    hint: 'check the spelling, the PATH, and that the interpreter of a script or program is in the image',
  },
  {
    steps: startSteps,
    errnos: ['EACCES', 'EISDIR', 'EPERM'],
    code: 'ERR_START_FAILED',
    problem: 'the file cannot be executed',
    hint: 'it has to be a regular file with the execute permission for the container’s user',
  },
  {
    steps: startSteps,
    errnos: ['ENOEXEC'],
    code: 'ERR_START_FAILED',
    problem: 'the file is no program for this machine',
    hint: 'a script needs a first line such as #!/bin/sh; a program must be built for this processor',
  },
  { steps: startSteps, errnos: ['E2BIG'], code: 'ERR_START_FAILED', problem: 'arguments and environment are too long' },
  { steps: startSteps, code: 'ERR_START_FAILED' },
  {
    steps: ['enter working directory', 'chdir'],
    errnos: ['ENOENT'],
    code: 'ERR_START_FAILED',
    problem: 'the working directory does not exist',
    hint: 'a container makes its own workdir; the cwd of a command has to be there',
  },
  {
    steps: ['enter working directory', 'chdir'],
    errnos: ['ENOTDIR'],
    code: 'ERR_START_FAILED',
    problem: 'the working directory is not a directory',
  },
  {
    steps: ['enter working directory', 'chdir'],
    code: 'ERR_START_FAILED',
    problem: 'the working directory cannot be entered',
  },
]

const userRules: readonly NativeFailureRule[] = [
  { steps: ['unmapped user', 'unmapped group'], ...unmappedId },
  {
    steps: ['find user'],
    errnos: ['ENOENT'],
    code: 'ERR_USER_NOT_FOUND',
    problem: 'the image has no such user',
    hint: 'give a number, which need not be in its /etc/passwd',
  },
  {
    steps: ['find group'],
    errnos: ['ENOENT'],
    code: 'ERR_USER_NOT_FOUND',
    problem: 'the image has no such group',
    hint: 'give a number, which need not be in its /etc/group',
  },
  {
    steps: ['find user', 'find group'],
    errnos: ['EINVAL'],
    code: 'ERR_INVALID_ARGUMENT',
    problem: 'this is no user or group',
  },
]

const namespaceRules: readonly NativeFailureRule[] = [
  {
    steps: ['join namespaces'],
    errnos: ['ESRCH', 'ENOMEM'],
    code: 'ERR_CONTAINER_STATE',
    problem: 'the container whose namespaces are shared has ended',
    hint: 'start that one first; it has to run whenever the one that shares its namespaces is started',
  },
  {
    steps: ['clone', 'unshare', 'fork'],
    errnos: ['ENOSPC'],
    code: 'ERR_RESOURCE_EXHAUSTED',
    problem: 'no more namespaces may be made',
    hint: 'raise the limits in /proc/sys/user: sysctl -w user.max_user_namespaces=28633',
  },
  {
    steps: ['clone', 'unshare'],
    errnos: ['EPERM', 'EACCES'],
    code: 'ERR_PERMISSION',
    problem: 'the kernel refuses to make namespaces for this user',
    hint: 'Engine.probe() says which setting forbids it and how to change it',
  },
  {
    steps: ['clone', 'fork', 'start worker', 'start work'],
    errnos: ['EAGAIN', 'ENOMEM'],
    code: 'ERR_RESOURCE_EXHAUSTED',
    problem: 'no more processes may be made',
    hint: 'a limit on processes was reached: see ulimit -u, the pids limit of this cgroup, and kernel.pid_max',
  },
]

const mountRules: readonly NativeFailureRule[] = [
  {
    steps: ['mount overlay', 'configure overlay'],
    errnos: ['EINVAL'],
    code: 'ERR_UNSUPPORTED',
    problem: 'the kernel cannot stack an overlay on this file system',
    hint: 'put the engine’s root on ext4, xfs or btrfs with TSCONTAINER_ROOT, not on an overlay or NFS',
  },
  {
    steps: ['create file system', 'mount file system'],
    errnos: ['EPERM'],
    code: 'ERR_PERMISSION',
    problem: 'the kernel makes no fresh one while parts of the one here are covered, as inside most containers',
    hint: 'start the container that this is in with --security-opt systempaths=unconfined (Docker), --security-opt unmask=ALL (Podman) or privileged: true (tscontainer); Engine.probe() says more',
  },
  {
    steps: ['idmap mount'],
    errnos: ['EINVAL', 'EPERM', ...unsupported],
    code: 'ERR_UNSUPPORTED',
    problem: 'this file system cannot be mounted with mapped ids',
    hint: "use userns: 'host' for this container, or a source on ext4, xfs, btrfs or tmpfs",
  },
  {
    steps: ['open bind source'],
    errnos: ['ENOENT', 'ENOTDIR'],
    code: 'ERR_INVALID_ARGUMENT',
    problem: 'the source of the bind mount does not exist',
    hint: 'make it first, or have it made: createSource: true',
  },
  {
    steps: ['open subpath'],
    errnos: ['ENOENT', 'ENOTDIR', 'ELOOP', 'EXDEV'],
    code: 'ERR_INVALID_ARGUMENT',
    problem: 'the source of the mount has no such path',
  },
  {
    steps: ['open mount point'],
    errnos: ['EXDEV'],
    code: 'ERR_PERMISSION',
    problem: 'a link leads to where the kernel shows its own files',
  },
  {
    steps: ['mount image'],
    errnos: unsupported,
    code: 'ERR_UNSUPPORTED',
    problem: 'images are mounted by overlayfs, which cannot be had on this store',
    hint: 'put the engine’s root on ext4, xfs or btrfs with TSCONTAINER_ROOT',
  },
  {
    steps: ['open bind source'],
    errnos: ['EPERM', 'EACCES'],
    code: 'ERR_PERMISSION',
    problem: 'the source of the bind mount may not be opened',
  },
  {
    steps: ['find device', 'bind device'],
    errnos: ['ENODEV', 'ENOENT', 'ENXIO'],
    code: 'ERR_INVALID_ARGUMENT',
    problem: 'no such device',
  },
]

const limitRules: readonly NativeFailureRule[] = [
  {
    steps: limitSteps,
    errnos: ['ENOENT', 'ENODEV', 'EROFS', 'EACCES', 'EPERM', ...unsupported],
    code: 'ERR_LIMIT_UNSUPPORTED',
    problem: 'this limit cannot be applied on this host',
    hint: 'Engine.probe() names the cgroup controllers that are missing and how to get them',
  },
  {
    steps: limitSteps,
    errnos: ['EBUSY'],
    code: 'ERR_INVALID_ARGUMENT',
    problem: 'the container already uses more than this limit',
  },
  {
    steps: limitSteps,
    errnos: ['EINVAL', 'ERANGE'],
    code: 'ERR_INVALID_ARGUMENT',
    problem: 'the kernel refuses the value of this limit',
  },
  {
    steps: ['set disk quota'],
    code: 'ERR_LIMIT_UNSUPPORTED',
    problem: 'the file system of the engine’s root does not take this limit',
  },
  {
    steps: ['freeze cgroup'],
    errnos: ['ESRCH'],
    code: 'ERR_CONTAINER_STATE',
    problem: 'it was stopped meanwhile',
  },
  {
    steps: ['watch pressure'],
    errnos: ['EINVAL', 'EPERM', 'EACCES', ...unsupported],
    code: 'ERR_UNSUPPORTED',
    problem: 'the kernel does not tell of this pressure',
    hint: 'without CAP_SYS_RESOURCE it takes windows of whole multiples of 2000 ms alone, since Linux 6.5',
  },
  {
    steps: ['freeze cgroup', 'cgroup usage'],
    errnos: unsupported,
    code: 'ERR_UNSUPPORTED',
    problem: 'there is no cgroup here that can do it',
    hint: 'Engine.probe() says how to get one',
  },
  {
    steps: ['set rlimit'],
    errnos: ['EPERM'],
    code: 'ERR_LIMIT_UNSUPPORTED',
    problem: 'the limit is above what this user may set',
    hint: 'raise the hard limit of the calling process, or ask for less',
  },
  {
    steps: ['set rlimit'],
    errnos: ['EINVAL'],
    code: 'ERR_INVALID_ARGUMENT',
    problem: 'the soft limit is above the hard one',
  },
  {
    steps: ['set sysctl'],
    errnos: ['ENOENT', 'EACCES', 'EPERM', 'EROFS'],
    code: 'ERR_UNSUPPORTED',
    problem: 'this sysctl cannot be set inside the container',
  },
  {
    steps: ['set sysctl'],
    errnos: ['EINVAL', 'ERANGE'],
    code: 'ERR_INVALID_ARGUMENT',
    problem: 'the kernel refuses the value of this sysctl',
  },
  {
    steps: ['set oom score'],
    errnos: ['EPERM', 'EACCES'],
    code: 'ERR_LIMIT_UNSUPPORTED',
    problem: 'lowering oom_score_adj needs CAP_SYS_RESOURCE',
    hint: 'ask for no less than the calling process has: /proc/self/oom_score_adj',
  },
]

/** What can go wrong between the description of a container and its running program. */
export const containerFailureRules: readonly NativeFailureRule[] = [
  ...programRules,
  ...userRules,
  ...namespaceRules,
  ...mountRules,
  ...limitRules,
]
