// SPDX-License-Identifier: Apache-2.0
import type { PlainErrorCode } from './engine-error.js'

/** A row of the table that turns (step, errno) into a code, a sentence and a cure. The first row that fits wins. */
export interface NativeFailureRule {
  readonly step?: string | RegExp
  readonly errno?: readonly string[]
  readonly code: PlainErrorCode
  /** Replaces the kernel's sentence where that one misleads. */
  readonly problem?: string
  readonly hint?: string
}

const full = ['ENOSPC', 'EDQUOT']
const tooMany = ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM', 'EUSERS']
const refused = ['EPERM', 'EACCES']

export const nativeFailureRules: readonly NativeFailureRule[] = [
  // The program itself: what a user meets most.
  {
    step: /^(exec|execve|find executable|resolve executable)/,
    errno: ['ENOENT'],
    code: 'ERR_START_FAILED',
    problem: 'no such executable in the container',
    hint: 'check the spelling, the PATH of the image, and that a script names an interpreter the image has',
  },
  {
    step: /^(exec|execve|find executable|resolve executable)/,
    errno: ['EACCES', 'EISDIR', 'EPERM'],
    code: 'ERR_START_FAILED',
    problem: 'the file cannot be executed by this user',
    hint: 'it needs the execute permission for the container’s user, and must be a regular file',
  },
  {
    step: /^(exec|execve|find executable|resolve executable)/,
    errno: ['ENOEXEC'],
    code: 'ERR_START_FAILED',
    problem: 'the file is no program for this machine',
    hint: 'a script needs a first line such as #!/bin/sh; a binary must be built for this architecture',
  },
  {
    step: /^(exec|execve)/,
    errno: ['E2BIG'],
    code: 'ERR_START_FAILED',
    problem: 'arguments and environment are too long',
  },
  {
    step: /(cwd|chdir|working directory)/,
    errno: ['ENOTDIR'],
    code: 'ERR_START_FAILED',
    problem: 'the working directory is not a directory',
  },
  {
    step: /(cwd|chdir|working directory)/,
    errno: ['ENOENT'],
    code: 'ERR_START_FAILED',
    problem: 'the working directory does not exist',
  },
  {
    step: /(cwd|chdir|working directory)/,
    code: 'ERR_START_FAILED',
    problem: 'the working directory cannot be entered',
  },

  // Users and ids.
  {
    step: /^(setresuid|setresgid|setgroups|setuid|setgid|chown)/,
    errno: ['EINVAL', 'EOVERFLOW'],
    code: 'ERR_USER_UNMAPPED',
    problem: 'the user or group id is not mapped into the container',
    hint: 'give the caller a range of subordinate ids: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER',
  },
  {
    step: /^(newuidmap|newgidmap)/,
    code: 'ERR_PERMISSION',
    problem: 'the subordinate ids could not be mapped',
    hint: 'install the package uidmap and check this user’s lines in /etc/subuid and /etc/subgid',
  },
  {
    step: /(find user|look ?up user|resolve user)/,
    errno: ['ENOENT'],
    code: 'ERR_USER_NOT_FOUND',
    problem: 'the image has no such user',
  },
  {
    step: /(find group|look ?up group|resolve group)/,
    errno: ['ENOENT'],
    code: 'ERR_USER_NOT_FOUND',
    problem: 'the image has no such group',
  },

  // Namespaces and processes.
  {
    step: /^(clone|clone3|unshare|fork).*/,
    errno: ['ENOSPC'],
    code: 'ERR_RESOURCE_EXHAUSTED',
    problem: 'no more namespaces may be made',
    hint: 'raise the limits in /proc/sys/user: sysctl -w user.max_user_namespaces=28633',
  },
  {
    step: /^(clone|clone3|unshare|user namespace|write uid_map)/,
    errno: refused,
    code: 'ERR_PERMISSION',
    problem: 'the kernel refuses to make namespaces for this user',
    hint: 'Engine.probe() says which setting forbids user namespaces and how to change it',
  },
  {
    step: /^(clone|clone3|fork)/,
    errno: ['EAGAIN', 'ENOMEM'],
    code: 'ERR_RESOURCE_EXHAUSTED',
    problem: 'no more processes may be made',
    hint: 'a limit on processes was reached: see ulimit -u, the pids limit of this cgroup and kernel.pid_max',
  },

  // Mounts.
  {
    step: /mount overlay|overlay/,
    errno: ['EINVAL'],
    code: 'ERR_UNSUPPORTED',
    problem: 'the kernel cannot stack an overlay on this file system',
    hint: 'put the engine’s root on ext4, xfs or btrfs (TSCONTAINER_ROOT), not on overlayfs or NFS',
  },
  {
    step: /(idmap|mount_setattr)/,
    errno: ['EINVAL', 'EPERM', 'EOPNOTSUPP', 'ENOTSUP'],
    code: 'ERR_UNSUPPORTED',
    problem: 'this file system cannot be mounted with mapped ids',
    hint: "use userns: 'host' for this container, or a source on ext4, xfs, btrfs or tmpfs",
  },
  {
    step: /(bind source|open bind|mount source)/,
    errno: ['ENOENT', 'ENOTDIR'],
    code: 'ERR_INVALID_ARGUMENT',
    problem: 'the source of the bind mount does not exist',
  },
  {
    step: /(bind source|open bind|mount source)/,
    errno: refused,
    code: 'ERR_PERMISSION',
    problem: 'the source of the bind mount may not be opened',
  },

  // Limits.
  {
    step: /^(cgroup|write (memory|cpu|pids|io|cpuset|blkio))/,
    errno: ['ENOENT', 'EROFS', 'EACCES', 'EPERM', 'ENODEV', 'EOPNOTSUPP'],
    code: 'ERR_LIMIT_UNSUPPORTED',
    problem: 'this limit cannot be applied on this host',
    hint: 'Engine.probe() names the cgroup controllers that are missing and how to get them',
  },
  {
    step: /^(cgroup|write (memory|cpu|pids|io|cpuset|blkio))/,
    errno: ['EINVAL', 'ERANGE', 'EBUSY'],
    code: 'ERR_INVALID_ARGUMENT',
    problem: 'the kernel refuses the value of this limit',
  },
  {
    step: /rlimit/,
    errno: ['EPERM'],
    code: 'ERR_LIMIT_UNSUPPORTED',
    problem: 'the limit is above what this user may set',
    hint: 'raise the hard limit of the calling process, or ask for less',
  },
  { step: /rlimit/, errno: ['EINVAL'], code: 'ERR_INVALID_ARGUMENT', problem: 'the soft limit is above the hard one' },
  {
    step: /sysctl/,
    errno: ['ENOENT', 'EACCES', 'EPERM', 'EROFS'],
    code: 'ERR_UNSUPPORTED',
    problem: 'this sysctl cannot be set inside the container',
  },
  {
    step: /sysctl/,
    errno: ['EINVAL', 'ERANGE'],
    code: 'ERR_INVALID_ARGUMENT',
    problem: 'the kernel refuses the value of this sysctl',
  },
  {
    step: /oom_score/,
    errno: refused,
    code: 'ERR_LIMIT_UNSUPPORTED',
    problem: 'lowering oom_score_adj needs CAP_SYS_RESOURCE',
  },

  // Options the native side could not read: a version mismatch or a hole in validation.
  { step: /^(parse|seccomp|mount option)\b/, errno: ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP'], code: 'ERR_INVALID_ARGUMENT' },

  // Objects of the engine, as the supervisor names them.
  {
    step: /^(find|look ?up) container/,
    errno: ['ENOENT', 'ESRCH'],
    code: 'ERR_CONTAINER_NOT_FOUND',
    problem: 'no such container',
  },
  { step: /^(find|look ?up) exec/, errno: ['ENOENT', 'ESRCH'], code: 'ERR_EXEC_NOT_FOUND', problem: 'no such exec' },
  { step: /name/, errno: ['EEXIST'], code: 'ERR_NAME_IN_USE', problem: 'the name is in use' },
  {
    step: /(layer|tar|gzip|zstd|unpack|whiteout)/,
    errno: ['EBADMSG', 'EINVAL', 'EILSEQ', 'ENODATA', 'ELOOP', 'EXDEV', 'EOVERFLOW', 'EFBIG', 'EPROTO', 'ENAMETOOLONG'],
    code: 'ERR_LAYER_INVALID',
    problem: 'the layer is malformed',
  },
  {
    step: /(digest|diff ?id)/,
    errno: ['EBADMSG', 'EILSEQ', 'EINVAL'],
    code: 'ERR_DIGEST_MISMATCH',
    problem: 'the content does not match its digest',
  },

  // The connection.
  {
    errno: ['ECONNRESET', 'EPIPE', 'ECONNREFUSED', 'ENOTCONN', 'ESHUTDOWN'],
    code: 'ERR_SUPERVISOR_LOST',
    problem: 'the supervisor went away',
  },

  // Whatever the step was.
  {
    errno: full,
    code: 'ERR_RESOURCE_EXHAUSTED',
    hint: 'free space on the file system of the engine’s root: engine.diskUsage(), engine.prune()',
  },
  {
    errno: tooMany,
    code: 'ERR_RESOURCE_EXHAUSTED',
    hint: 'a limit on descriptors, processes or memory was reached: see ulimit -a',
  },
  { errno: refused, code: 'ERR_PERMISSION' },
  { errno: ['EROFS'], code: 'ERR_PERMISSION', problem: 'the file system is mounted read-only' },
  {
    errno: ['ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'],
    code: 'ERR_UNSUPPORTED',
    problem: 'this kernel or file system does not support it',
  },
  { errno: ['ETIMEDOUT', 'ETIME'], code: 'ERR_TIMEOUT' },
]
