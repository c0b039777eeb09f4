// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { type Check, check, type Shape } from '../util/validate.js'
import { optionCheck } from './option-checks.js'

/**
 * A file that is put into the container's file system before it starts, also where that is read-only for the container. Directories above it
 * are made, 0755 and root's; what is there already is replaced. On a tmpfs it is gone when the container has ended.
 */
export interface InjectedFile {
  /** Absolute, inside. */
  readonly path: string
  /** What is in it; a text is written as UTF-8. Either this or `source`. */
  readonly content?: string | Uint8Array | undefined
  /** A file of the host, whose content it gets. */
  readonly source?: string | undefined
  /** Permission bits, exactly; 0o644 by default. */
  readonly mode?: number | undefined
  /** A name or number, `user:group`, looked up in the container's own /etc/passwd and /etc/group; root by default. */
  readonly owner?: string | number | undefined
}

const shape: Shape<InjectedFile> = {
  path: check.required(optionCheck.absolutePath),
  content: (value, option) => {
    if (typeof value !== 'string' && !(value instanceof Uint8Array))
      throw invalidArgument(option, `expected a text or bytes, got ${quoted(value)}`)
  },
  source: check.nonEmptyString,
  mode: check.integer({ min: 0, max: 0o7777 }),
  owner: optionCheck.user,
}

/** Refuses what is no {@link InjectedFile}. */
export const checkInjectedFile: Check = (value, option) => {
  check.object(shape)(value, option)
  const { content, source, path } = value as InjectedFile
  if ((content === undefined) === (source === undefined))
    throw invalidArgument(`${option}.content`, 'either content or source is required')
  if (path.endsWith('/')) throw invalidArgument(`${option}.path`, `${quoted(path)} is a directory`)
}
