// SPDX-License-Identifier: Apache-2.0
import type { PlainErrorCode } from './engine-error.js'
import { buildFailureRules } from './native-failure-rules-build.js'
import { containerFailureRules } from './native-failure-rules-container.js'
import { fileFailureRules } from './native-failure-rules-files.js'
import { networkFailureRules } from './native-failure-rules-network.js'

/** A row of the table that turns (step, errno) into a code, a sentence and a cure. What is left out fits everything. */
export interface NativeFailureRule {
  readonly steps?: readonly string[]
  readonly errnos?: readonly string[]
  readonly code: PlainErrorCode
  /** Replaces the kernel's sentence where that one misleads. */
  readonly problem?: string
  readonly hint?: string
}

const refused = ['EPERM', 'EACCES']
// The two names are one number on Linux.
const unsupported = ['ENOSYS', 'ENOTSUP', 'EOPNOTSUPP']

const supervisorRules: readonly NativeFailureRule[] = [
  { steps: ['find container'], errnos: ['ENOENT'], code: 'ERR_CONTAINER_NOT_FOUND', problem: 'no such container' },
  { steps: ['kill exec'], errnos: ['ESRCH'], code: 'ERR_EXEC_NOT_FOUND', problem: 'no such exec, or it has ended' },
  { steps: ['find volume'], errnos: ['ENOENT'], code: 'ERR_VOLUME_NOT_FOUND', problem: 'no such volume' },
  { steps: ['remove volume'], errnos: ['EBUSY'], code: 'ERR_VOLUME_IN_USE', problem: 'a container uses it' },
  {
    steps: ['mount volume'],
    errnos: ['EBUSY'],
    code: 'ERR_VOLUME_IN_USE',
    problem: 'containers of an earlier supervisor have it, and what is in memory cannot be shared with them',
    hint: 'remove these containers first',
  },
  {
    steps: ['mount volume'],
    errnos: ['EINVAL'],
    code: 'ERR_INVALID_ARGUMENT',
    problem: 'the file system does not take these options',
  },
  {
    steps: ['mount volume'],
    errnos: ['ENODEV', 'EPERM', 'EACCES', ...unsupported],
    code: 'ERR_UNSUPPORTED',
    problem: 'this file system cannot be mounted here',
    hint: 'nfs needs root, and a kernel that has it',
  },
  {
    steps: ['make volume'],
    errnos: ['EEXIST'],
    code: 'ERR_NAME_IN_USE',
    problem: 'there is a volume of that name',
    hint: 'Volume.get(name) is that one',
  },
  {
    steps: ['claim name'],
    errnos: ['EEXIST'],
    code: 'ERR_NAME_IN_USE',
    problem: 'the name is in use',
    hint: 'take another name, or remove that container first: Container.get(name)',
  },
  {
    steps: ['start', 'kill', 'pause', 'resume', 'stats', 'processes', 'remove', 'exec'],
    errnos: ['EBUSY', 'EAGAIN'],
    code: 'ERR_CONTAINER_STATE',
    problem: 'the container’s state does not allow it',
  },
  {
    steps: ['claim store'],
    errnos: ['EBUSY'],
    code: 'ERR_STORE_IN_USE',
    problem: 'containers of this store live in another run directory',
    hint: 'open the engine with that runRoot (without root it follows from XDG_RUNTIME_DIR), or give it a root of its own',
  },
  {
    steps: ['dial'],
    errnos: ['ECONNREFUSED'],
    code: 'ERR_DIAL_REFUSED',
    problem: 'nothing listens there',
    hint: 'wait until it does: container.waitUntil(Ready.port(…)), or the option ready',
  },
  {
    steps: ['dial'],
    errnos: ['ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EHOSTDOWN', 'ENETDOWN', 'EINVAL'],
    code: 'ERR_DIAL_REFUSED',
  },
  { steps: ['dial'], errnos: ['ESRCH'], code: 'ERR_CONTAINER_STATE', problem: 'the container has ended' },
  {
    steps: ['find helper'],
    code: 'ERR_PERMISSION',
    problem: 'the program that maps subordinate ids is missing',
    hint: 'apt-get install uidmap',
  },
  {
    steps: ['map ids'],
    code: 'ERR_PERMISSION',
    problem: 'the user’s ids could not be mapped',
    hint: 'check this user’s lines in /etc/subuid and /etc/subgid; Engine.probe() says what is wrong with them',
  },
  {
    steps: ['verify supervisor', 'identify supervisor'],
    code: 'ERR_PERMISSION',
    problem: 'the supervisor’s socket is not answered by this user’s supervisor',
  },
  {
    steps: ['wait for supervisor'],
    errnos: ['ETIMEDOUT'],
    code: 'ERR_SUPERVISOR_LOST',
    problem: 'the supervisor did not start in time',
  },
  {
    errnos: ['ECONNRESET', 'EPIPE', 'ECONNREFUSED', 'ENOTCONN', 'ESHUTDOWN'],
    code: 'ERR_SUPERVISOR_LOST',
    problem: 'the supervisor went away',
  },
]

const layerRules: readonly NativeFailureRule[] = [
  {
    steps: ['verify digest', 'verify size', 'verify diffid'],
    code: 'ERR_DIGEST_MISMATCH',
    problem: 'the content is not what its digest and size say',
  },
  { steps: ['decompress'], errnos: unsupported, code: 'ERR_UNSUPPORTED', problem: 'this compression is not supported' },
  {
    steps: ['decompress', 'read tar', 'unpack layer', 'parse layer'],
    errnos: [
      'EBADMSG',
      'EINVAL',
      'EILSEQ',
      'ENAMETOOLONG',
      'EXDEV',
      'ELOOP',
      'EFBIG',
      'EOVERFLOW',
      'ENOTDIR',
      'EISDIR',
      'ENOENT',
      'EEXIST',
    ],
    code: 'ERR_LAYER_INVALID',
    problem: 'the layer is malformed',
  },
]

// Whatever the step was.
const generalRules: readonly NativeFailureRule[] = [
  {
    errnos: ['ENOSPC', 'EDQUOT'],
    code: 'ERR_RESOURCE_EXHAUSTED',
    hint: 'free space on the file system of the engine’s root: see engine.diskUsage() and engine.prune()',
  },
  {
    errnos: ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM', 'EUSERS'],
    code: 'ERR_RESOURCE_EXHAUSTED',
    hint: 'a limit on descriptors, processes or memory was reached: see ulimit -a',
  },
  { errnos: refused, code: 'ERR_PERMISSION' },
  { errnos: ['EROFS'], code: 'ERR_PERMISSION', problem: 'the file system is mounted read-only' },
  { errnos: unsupported, code: 'ERR_UNSUPPORTED', problem: 'this kernel or file system does not support it' },
  { errnos: ['ETIMEDOUT', 'ETIME'], code: 'ERR_TIMEOUT' },
]

/** The table; the first row that fits wins. */
export const nativeFailureRules: readonly NativeFailureRule[] = [
  ...networkFailureRules,
  ...buildFailureRules,
  ...containerFailureRules,
  ...supervisorRules,
  ...layerRules,
  ...fileFailureRules,
  ...generalRules,
]
