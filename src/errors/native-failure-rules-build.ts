// SPDX-License-Identifier: Apache-2.0
import type { NativeFailureRule } from './native-failure-rules.js'

/** What can go wrong with the files of a build. */
export const buildFailureRules: readonly NativeFailureRule[] = [
  {
    steps: ['find source'],
    errnos: ['ENOENT'],
    code: 'ERR_FILE_NOT_FOUND',
    problem: 'there is no such source, or it is left out',
    hint: 'look at the ignore file (.dockerignore): what it excludes is not in the context',
  },
  {
    steps: ['read source'],
    errnos: ['ESTALE', 'ENOENT', 'ELOOP', 'ENOTDIR'],
    code: 'ERR_CONTEXT_CHANGED',
    problem: 'it was changed while it was read',
    hint: 'build again when nothing writes to the context any more',
  },
  {
    steps: ['read source'],
    errnos: ['EINVAL'],
    code: 'ERR_UNSUPPORTED',
    problem: 'a name that begins with .wh. would delete something in a layer',
  },
  {
    steps: ['seal layer'],
    errnos: ['EBUSY'],
    code: 'ERR_CONTAINER_STATE',
    problem: 'a container has to end before a layer is made of it',
  },
  { steps: ['read pattern', 'read mode'], errnos: ['EINVAL'], code: 'ERR_INVALID_ARGUMENT' },
  { steps: ['find path'], errnos: ['ENOENT'], code: 'ERR_FILE_NOT_FOUND' },
  { steps: ['find path', 'write layer'], errnos: ['ENOTDIR', 'EISDIR', 'ELOOP'], code: 'ERR_FILE_TYPE' },
]
