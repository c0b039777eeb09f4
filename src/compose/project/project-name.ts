// SPDX-License-Identifier: Apache-2.0

import { basename } from 'node:path'
import { EngineError } from 'tscontainer'
import { quoted } from '../../errors/printable.js'
import { composeInvalid } from '../document/compose-error.js'

const pattern = /^[a-z0-9][a-z0-9_-]*$/
const hint = 'take lower-case letters, digits, - and _, beginning with a letter or a digit'

/** What a project is called after its directory: lower case, without what names cannot have. Empty if nothing is left. */
export const nameOfDirectory = (directory: string): string =>
  basename(directory)
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '')

/** Whether a project can be called so: labels say anything. */
export const isProjectName = (name: string): boolean => pattern.test(name)

/** Refuses a name given by the program, with ERR_INVALID_ARGUMENT. */
export function checkGivenName(name: string, option: string): string {
  if (pattern.test(name)) return name
  throw new EngineError({
    code: 'ERR_INVALID_ARGUMENT',
    message: `${option}: ${quoted(name)} is not a project name`,
    option,
    hint,
  })
}

/** Refuses a name of a file, or of a directory that leaves none. */
export function checkProjectName(name: string, file: string): string {
  if (pattern.test(name)) return name
  const problem = name === '' ? 'project name must not be empty' : `invalid project name ${quoted(name)}`
  throw composeInvalid({ file, path: ['name'], problem, hint: name === '' ? 'give the project a name' : hint })
}
