// SPDX-License-Identifier: Apache-2.0
import type { NativeFailureRule } from './native-failure-rules.js'
import { unmappedId } from './unmapped-id.js'

const steps = [
  'stat file',
  'open file',
  'read directory',
  'make directory',
  'remove file',
  'rename file',
  'change mode',
  'change owner',
  'set times',
  'make link',
  'read link',
  'resolve path',
  'watch file',
  'copy in',
  'copy out',
  'open host file',
]

/** What can go wrong with a file of a container. */
export const fileFailureRules: readonly NativeFailureRule[] = [
  { steps, errnos: ['ENOENT'], code: 'ERR_FILE_NOT_FOUND' },
  { steps, errnos: ['EEXIST', 'ENOTEMPTY'], code: 'ERR_FILE_EXISTS' },
  { steps, errnos: ['ENOTDIR', 'EISDIR', 'ELOOP'], code: 'ERR_FILE_TYPE' },
  {
    steps: ['open special file'],
    code: 'ERR_FILE_TYPE',
    problem: 'it is a FIFO, a device or a socket',
    hint: 'only regular files are opened: reading anything else may never end',
  },
  { steps: ['change owner'], errnos: ['EINVAL'], ...unmappedId },
  { steps: ['read link'], errnos: ['EINVAL'], code: 'ERR_FILE_TYPE', problem: 'it is no symbolic link' },
  {
    steps: ['watch file'],
    errnos: ['ENOSPC', 'EMFILE'],
    code: 'ERR_RESOURCE_EXHAUSTED',
    problem: 'this user watches as many files as it may',
    hint: 'sysctl -w fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=1024',
  },
  {
    steps: ['use files', 'join container'],
    errnos: ['EBUSY', 'ESRCH'],
    code: 'ERR_CONTAINER_STATE',
    problem: 'the container ended meanwhile',
  },
]
