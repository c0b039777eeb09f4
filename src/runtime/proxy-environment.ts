// SPDX-License-Identifier: Apache-2.0

import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { type Check, check, checkOptions, type Shape } from '../util/validate.js'

/** Proxies for the programs of a container; what is not said they are not told. */
export interface ProxySettings {
  /** For http: `'http://proxy.example:3128'`. */
  readonly http?: string | undefined
  /** For https. */
  readonly https?: string | undefined
  /** For ftp. */
  readonly ftp?: string | undefined
  /** For everything without one of its own. */
  readonly all?: string | undefined
  /** Hosts that are reached without one: `'localhost,.internal'`, or a list of them. */
  readonly no?: string | readonly string[] | undefined
}

const schemes = ['http', 'https', 'ftp', 'all', 'no'] as const

const text = check.matching(/^[\x21-\x7e]{1,4096}$/, 'a text of visible ASCII characters')
const hosts: Check = (value, option) => {
  if (Array.isArray(value)) check.arrayOf(text, 1024)(value, option)
  else text(value, option)
}
const shape: Shape<ProxySettings> = { http: text, https: text, ftp: text, all: text, no: hosts }

/** Refuses what is no setting of a proxy. */
export const checkProxy: Check = (value, option) => {
  if (typeof value === 'boolean') return
  if (typeof value !== 'object' || value === null)
    throw invalidArgument(option, `${quoted(value)} is neither a boolean nor an object`)
  checkOptions(value, shape, option)
}

/** The variables, in both cases: programs read the one or the other. `environment`: of who calls, where that is asked for. */
export function proxyEnvironment(
  proxy: boolean | ProxySettings | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  if (proxy === undefined || proxy === false) return {}
  const entries = schemes.flatMap((scheme) => {
    const name = scheme === 'no' ? 'NO_PROXY' : `${scheme.toUpperCase()}_PROXY`
    const lower = name.toLowerCase()
    const [upperValue, lowerValue] =
      proxy === true ? handedOn(environment[name], environment[lower]) : given(proxy[scheme])
    return [
      [name, upperValue],
      [lower, lowerValue],
    ] as const
  })
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => Boolean(entry[1])))
}

// Where there are both they may differ, as they do for who calls.
function handedOn(upper = '', lower = ''): readonly [string, string] {
  return [upper || lower, lower || upper]
}

function given(value: string | readonly string[] = ''): readonly [string, string] {
  const joined = typeof value === 'string' ? value : value.join(',')
  return [joined, joined]
}
