// SPDX-License-Identifier: Apache-2.0
import type { NetworkCreateOptions } from 'tscontainer'
import type { NetworkModel } from '../model/project-model.js'
import type { Reporter } from './reporter.js'

type Rule = (value: string) => NetworkCreateOptions | undefined

const modes = new Set(['bridge', 'private', 'vepa', 'passthru'])
const mtu: Rule = (value) => (/^\d{2,5}$/.test(value) ? { mtu: Number(value) } : undefined)

/** Docker's options of its drivers that mean something here. The address of published ports is used where these are. */
const rules: Readonly<Record<string, Rule>> = {
  'com.docker.network.driver.mtu': mtu,
  mtu,
  'com.docker.network.bridge.enable_icc': (value) => (value === 'false' ? { isolated: true } : {}),
  'com.docker.network.bridge.enable_ip_masquerade': (value) => (value === 'true' ? {} : undefined),
  'com.docker.network.bridge.host_binding_ipv4': () => ({}),
  parent: (value) => ({ parent: value }),
  macvlan_mode: (value) =>
    modes.has(value) ? { mode: value as NonNullable<NetworkCreateOptions['mode']> } : undefined,
}

/** What the options of its driver say of a network; those that mean nothing are reported. */
export function driverOptions({ driver_opts: given = {} }: NetworkModel, reporter: Reporter): NetworkCreateOptions {
  let options: NetworkCreateOptions = {}
  for (const [key, value] of Object.entries(given)) {
    const found = Object.hasOwn(rules, key) ? rules[key]?.(value) : undefined
    if (found === undefined)
      reporter.report(['driver_opts', key], `the engine’s networks have no option '${key}: ${value}'`)
    options = { ...options, ...found }
  }
  return options
}
