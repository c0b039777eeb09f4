// SPDX-License-Identifier: Apache-2.0
import type { NetworkCreateOptions } from 'tscontainer'
import type { ComposeWarning } from '../document/warning.js'
import type { NetworkModel } from '../model/project-model.js'
import { networkHash } from '../project/config-hash.js'
import { composeLabels, composeVersion } from '../project/labels.js'
import type { RunningProject } from '../run/running-project.js'
import { driverOptions } from './network-driver-options.js'
import { networkMode } from './network-mode.js'
import { Reporter } from './reporter.js'

/** A network of a project: one that is made, one that is there, or what is no network of the engine's. */
export type TranslatedNetwork = { readonly reports: readonly ComposeWarning[] } & (
  | { readonly kind: 'create'; readonly options: NetworkCreateOptions }
  | { readonly kind: 'external'; readonly name: string }
  | { readonly kind: 'mode'; readonly mode: 'host' | 'none' }
)

const drivers = new Set(['bridge', 'default', 'overlay', ''])

/** The network of that key. What only an orchestrator has was told when the project was loaded. */
export function networkOptions({ model, origin }: RunningProject, key: string): TranslatedNetwork {
  const reporter = new Reporter(model, ['networks', key])
  const network = model.networks[key] ?? reporter.refuse([], 'there is no such network')
  const mode = networkMode(network)
  if (mode !== undefined) return { kind: 'mode', mode, reports: [] }
  if (network.external) return { kind: 'external', name: network.name, reports: [] }
  const options: NetworkCreateOptions = {
    name: network.name,
    labels: {
      ...network.labels,
      [composeLabels.network]: key,
      [composeLabels.project]: origin.name,
      [composeLabels.version]: composeVersion,
      [composeLabels.configHash]: networkHash(network),
    },
    ...driverOf(network, reporter),
    ...addresses(network, reporter),
    ...(network.internal && { internal: true }),
    ...driverOptions(network, reporter),
  }
  return { kind: 'create', options, reports: reporter.all }
}

function driverOf({ driver = '' }: NetworkModel, reporter: Reporter): NetworkCreateOptions {
  if (drivers.has(driver)) return {}
  if (driver === 'macvlan') return { driver }
  return reporter.unsupported(['driver'], `there is no driver '${driver}'`, 'take bridge or macvlan')
}

function addresses(
  { ipam = {}, enable_ipv4: v4, enable_ipv6: v6 }: NetworkModel,
  reporter: Reporter,
): NetworkCreateOptions {
  const { config = [], driver = 'default', options = {} } = ipam
  if (driver !== 'default' && driver !== '')
    reporter.report(['ipam', 'driver'], `the engine gives out addresses itself, and has no driver '${driver}'`)
  for (const option of Object.keys(options))
    reporter.report(['ipam', 'options', option], 'the engine gives out addresses itself, and has no such option')
  if (v4 === false) reporter.report(['enable_ipv4'], 'every network has addresses of IPv4 too')
  for (const [index, { aux_addresses: taken = {} }] of config.entries())
    for (const name of Object.keys(taken))
      reporter.report(['ipam', 'config', index, 'aux_addresses', name], 'addresses are set aside by ip_range alone')
  const all = (key: 'subnet' | 'ip_range' | 'gateway') => {
    const values = config.map((entry) => entry[key]).filter((value) => value !== undefined && value !== '') as string[]
    return values.length > 0 ? values : undefined
  }
  const [subnet, ipRange, gateway] = [all('subnet'), all('ip_range'), all('gateway')]
  return {
    ...(subnet && { subnet }),
    ...(ipRange && { ipRange }),
    ...(gateway && { gateway }),
    ...(v6 !== undefined && { ipv6: v6 }),
  }
}
