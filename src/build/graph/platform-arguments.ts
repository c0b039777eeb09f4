// SPDX-License-Identifier: Apache-2.0
import { formatPlatform, type Platform } from '../../oci/platform.js'

/** What every build knows without being told: the platforms it is for and on, and its target. Arguments of the build go before. */
export function platformArguments(
  build: Platform,
  target: Platform,
  { stage, given }: { readonly stage: string | undefined; readonly given: ReadonlyMap<string, string> },
): ReadonlyMap<string, string> {
  const known: readonly (readonly [string, string])[] = [
    ...describe('BUILD', build),
    ...describe('TARGET', target),
    ['TARGETSTAGE', stage ?? 'default'],
  ]
  return new Map(known.map(([name, value]) => [name, given.get(name) ?? value]))
}

function describe(prefix: string, platform: Platform): readonly (readonly [string, string])[] {
  return [
    [`${prefix}PLATFORM`, formatPlatform(platform)],
    [`${prefix}OS`, platform.os],
    [`${prefix}OSVERSION`, platform.osVersion ?? ''],
    [`${prefix}ARCH`, platform.architecture],
    [`${prefix}VARIANT`, platform.variant ?? ''],
  ]
}

const proxies = ['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy', 'all_proxy']

/** The arguments that say which proxies commands use: they need no ARG, and leave no trace. */
export function proxyVariables(given: ReadonlyMap<string, string>): readonly string[] {
  const found = new Map<string, string>()
  for (const [name, value] of [...given].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!proxies.includes(name.toLowerCase())) continue
    // Programs look for either spelling.
    found.set(name.toLowerCase(), value)
    found.set(name.toUpperCase(), value)
  }
  return [...found].map(([name, value]) => `${name}=${value}`)
}
