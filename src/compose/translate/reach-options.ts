// SPDX-License-Identifier: Apache-2.0
import type { ContainerOptions } from 'tscontainer'
import { firstContainer } from './first-container.js'
import { chosenNetwork, type NetworkKind } from './network-choice.js'
import { portMappings } from './port-mappings.js'
import type { Translation } from './translation.js'

const why: Readonly<Record<Exclude<NetworkKind, 'own'>, string>> = {
  host: 'it is in the network of the host, where every port is the host’s already',
  none: 'it is on no network',
  joined: 'it is in the network of another container',
}
const serverLimit = 3
const searchLimit = 6

/** How it reaches others and is reached: networks, ports, names. */
export async function reachOptions(translation: Translation): Promise<ContainerOptions> {
  const { model } = translation
  const { kind, network } = chosenNetwork(translation)
  if (kind !== 'own') return { network, ...withoutNetwork(translation, kind) }
  const ports = await portMappings(translation)
  const links = linksOf(translation)
  return {
    network,
    ...(ports.length > 0 && { ports }),
    ...(links.length > 0 && { links }),
    ...dnsOptions(translation),
    ...(model.extra_hosts && { extraHosts: model.extra_hosts }),
  }
}

function withoutNetwork({ model, reporter }: Translation, kind: Exclude<NetworkKind, 'own'>): ContainerOptions {
  for (const key of ['links', 'external_links'] as const)
    if (model[key]?.length) reporter.refuse([key], `lead nowhere: ${why[kind]}`)
  for (const key of ['ports', 'dns', 'dns_search', 'dns_opt'] as const) {
    if (!model[key]?.length) continue
    if (kind === 'joined') reporter.refuse([key], `belongs to the other one: ${why[kind]}`)
    reporter.report([key], `it has no effect: ${why[kind]}`)
  }
  if (model.mac_address) reporter.report(['mac_address'], `it has no effect: ${why[kind]}`)
  if (!model.extra_hosts) return {}
  if (kind === 'joined') reporter.refuse(['extra_hosts'], `belongs to the other one: ${why[kind]}`)
  return { extraHosts: model.extra_hosts }
}

function linksOf(translation: Translation): readonly string[] {
  const { model } = translation
  const own = (model.links ?? []).map((link, index) => {
    const [service = '', alias = service] = link.split(':')
    return `${firstContainer(translation, service, ['links', index]).id}:${alias}`
  })
  // What comes last is what is meant by a name.
  const names = new Map([...own, ...(model.external_links ?? [])].map((link) => [link.split(':').at(-1), link]))
  return [...names.values()]
}

function dnsOptions({ model, reporter }: Translation): ContainerOptions {
  const { dns, dns_search: search, dns_opt: options } = model
  const most = (key: 'dns' | 'dns_search', limit: number) => {
    for (let index = limit; index < (model[key]?.length ?? 0); index++)
      reporter.report([key, index], `only the first ${limit} are asked, as resolv.conf(5) has it`)
    return model[key]?.slice(0, limit)
  }
  return {
    ...(dns && { dns: most('dns', serverLimit) }),
    ...(search && { dnsSearch: most('dns_search', searchLimit) }),
    ...(options && { dnsOptions: options }),
  }
}
