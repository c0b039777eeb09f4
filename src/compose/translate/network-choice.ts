// SPDX-License-Identifier: Apache-2.0
import type { ContainerOptions, NetworkAttachment } from 'tscontainer'
import type { ServiceNetworkModel } from '../model/service-parts.js'
import { joinedOf } from './namespace-options.js'
import { networkMode } from './network-mode.js'
import type { Translation } from './translation.js'

/** What kind of network a service has: one of its own, the host's, none, or that of another container. */
export type NetworkKind = 'own' | 'host' | 'none' | 'joined'

/** The networks of a container. */
export interface ChosenNetwork {
  readonly kind: NetworkKind
  readonly network: ContainerOptions['network']
}

/** Its networks, in the order of their priorities: the first one has the way out, and is that of `mac_address`. */
export function chosenNetwork(translation: Translation): ChosenNetwork {
  const { model, project } = translation
  if (model.network_mode) return byMode(translation, model.network_mode)
  const keys = Object.keys(model.networks ?? {})
  const modes = keys.map((key) => networkMode(project.model.networks[key]))
  const mode = modes.find((found) => found !== undefined)
  if (mode !== undefined) {
    if (keys.length > 1)
      translation.reporter.refuse(['networks'], `who is in the network '${mode}' can be on no other one`)
    return { kind: mode, network: mode }
  }
  if (keys.length === 0) return { kind: 'none', network: 'none' }
  return { kind: 'own', network: attachments(translation) }
}

function byMode(translation: Translation, mode: string): ChosenNetwork {
  if (mode === 'host' || mode === 'none') return { kind: mode, network: mode }
  if (mode === 'bridge' || mode === 'default') return { kind: 'own', network: 'bridge' }
  const joined = joinedOf(translation, mode, ['network_mode'])
  // Else a network by its name outside of the project.
  return joined === undefined
    ? { kind: 'own', network: [{ network: mode, ...aliasesOf(translation, {}) }] }
    : { kind: 'joined', network: joined }
}

function attachments(translation: Translation): readonly NetworkAttachment[] {
  const { model } = translation
  const weight = (value: number | undefined) => value ?? 0
  const entries = Object.entries(model.networks ?? {}).map(([key, place]) => [key, place ?? {}] as const)
  entries.sort(
    ([oneKey, one], [otherKey, other]) =>
      weight(other.gw_priority) - weight(one.gw_priority) ||
      weight(other.priority) - weight(one.priority) ||
      (oneKey < otherKey ? -1 : 1),
  )
  return entries.map(([key, place], index) => attachment(translation, { key, place, isFirst: index === 0 }))
}

interface Place {
  readonly key: string
  readonly place: ServiceNetworkModel
  readonly isFirst: boolean
}

function attachment(translation: Translation, { key, place, isFirst }: Place): NetworkAttachment {
  const { model, project, resources, reporter } = translation
  const say = (part: string, message: string) => reporter.report(['networks', key, part], message)
  if (place.interface_name)
    say('interface_name', 'links are called eth0, eth1 and so on, in the order of their priorities')
  if (place.link_local_ips?.length) say('link_local_ips', 'addresses of one link are the host’s alone here')
  for (const option of Object.keys(place.driver_opts ?? {}))
    reporter.report(['networks', key, 'driver_opts', option], 'the places on a network have no options here')
  const ip = [place.ipv4_address, place.ipv6_address].filter((address) => address !== undefined)
  const mac = place.mac_address ?? (isFirst ? model.mac_address : undefined)
  const network = resources.networks.get(key) ?? project.model.networks[key]?.name ?? key
  return {
    network,
    ...aliasesOf(translation, place),
    ...(ip.length > 0 && { ip }),
    ...(mac !== undefined && { mac: mac.replaceAll('-', ':') }),
  }
}

// Its container's name and the beginning of its id the engine knows by itself.
function aliasesOf({ request }: Translation, place: ServiceNetworkModel): Pick<NetworkAttachment, 'aliases'> {
  const { service, aliases = !request.oneoff } = request
  return aliases ? { aliases: [...new Set([service, ...(place.aliases ?? [])])] } : {}
}
