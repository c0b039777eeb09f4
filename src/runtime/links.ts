// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import type { Check } from '../util/validate.js'

/** A container, by name or id, and what it is called. */
export interface ContainerLink {
  readonly container: string
  readonly name: string
}

const form = /^([a-zA-Z0-9][a-zA-Z0-9_.-]{0,127})(?::([a-zA-Z0-9_]([a-zA-Z0-9_.-]{0,61}[a-zA-Z0-9_])?))?$/

/** `name` or `name:alias`; ERR_INVALID_ARGUMENT. */
export function parseLink(link: unknown, option: string): ContainerLink {
  const [, container, name] = (typeof link === 'string' && form.exec(link)) || []
  if (container === undefined)
    throw invalidArgument(
      option,
      `${quoted(link)} is no link`,
      "write a container and what it is called: 'db:database'",
    )
  return { container, name: (name ?? container).toLowerCase() }
}

/** Refuses what is no list of links, and two of one name. */
export const checkLinks: Check = (value, option) => {
  if (!Array.isArray(value) || value.length > 256)
    throw invalidArgument(option, 'expected an array of at most 256 texts')
  const names = value.map((link, index) => parseLink(link, `${option}[${index}]`).name)
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index)
  if (twice >= 0) throw invalidArgument(`${option}[${twice}]`, `${quoted(names[twice])} is another one's name`)
}
