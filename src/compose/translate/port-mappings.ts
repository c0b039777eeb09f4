// SPDX-License-Identifier: Apache-2.0
import type { PortMapping, Protocol } from 'tscontainer'
import type { PortModel } from '../model/service-parts.js'
import { freePort } from './free-port.js'
import type { Translation } from './translation.js'

const all = { v4: '0.0.0.0', v6: '::' } as const

/**
 * The ports that are published. Compose's rule holds: without an address on all of the host's, and a warning says so. Of a range the first
 * free one is taken.
 */
export async function portMappings(translation: Translation): Promise<readonly PortMapping[]> {
  const { model, reporter } = translation
  const mappings: PortMapping[] = []
  for (const [index, port] of (model.ports ?? []).entries()) {
    const say = (key: string, message: string) => reporter.report(['ports', index, key], message, 'not-applicable')
    for (const key of ['name', 'app_protocol'] as const)
      if (port[key] !== undefined) say(key, 'it is for people and orchestrators, and has no effect here')
    mappings.push(...(await mappingsOf(translation, port, index)))
  }
  return mappings
}

async function mappingsOf(translation: Translation, port: PortModel, index: number): Promise<readonly PortMapping[]> {
  const { target: container } = port
  const protocol = port.protocol as Protocol
  const addresses = addressesOf(translation, port, index)
  const host = await hostPort(translation, { port, index, addresses })
  // Each family would have another free one.
  const taken = host === undefined ? addresses.slice(0, 1) : addresses
  const shared = isOneNumber(port) ? shareOf(translation) : undefined
  return taken.map((address) => ({
    container,
    protocol,
    address,
    ...(host !== undefined && { host }),
    ...(shared !== undefined && { shared }),
  }))
}

// All containers of a service have its port together, however many they are, or will be. Of a range each has its own.
function shareOf({ project, request, model }: Translation): string | undefined {
  if (request.oneoff || model.container_name !== undefined) return undefined
  return `${project.origin.name}-${request.service}`.slice(0, 128)
}

const isOneNumber = ({ published = '' }: PortModel): boolean => /^\d+$/.test(published) && Number(published) !== 0

function addressesOf(translation: Translation, port: PortModel, index: number): readonly string[] {
  const { project, model, reporter } = translation
  if (port.host_ip) return [port.host_ip]
  const bound = Object.keys(model.networks ?? {})
    .map((key) => project.model.networks[key]?.driver_opts?.['com.docker.network.bridge.host_binding_ipv4'])
    .find((address) => address !== undefined)
  if (bound) return [bound]
  const published = port.published ? `${port.published}:` : ':'
  const message = `port ${port.target} is open to all who reach this host; '127.0.0.1:${published}${port.target}' would be for this host alone`
  reporter.report(['ports', index], message, 'open-port')
  return hasIpv6(translation) ? [all.v4, all.v6] : [all.v4]
}

// What comes by an address of IPv6 is led to one of the container's.
function hasIpv6({ model, project, resources }: Translation): boolean {
  return Object.keys(model.networks ?? {}).some((key) => {
    const { internal, enable_ipv6: v6, ipam } = project.model.networks[key] ?? {}
    const made = resources.networks.get(key)?.subnets.some(({ subnet }) => subnet.includes(':'))
    return !internal && (made ?? v6 ?? ipam?.config?.some(({ subnet }) => subnet?.includes(':')) ?? false)
  })
}

interface Wanted {
  readonly port: PortModel
  readonly index: number
  readonly addresses: readonly string[]
}

async function hostPort(translation: Translation, { port, index, addresses }: Wanted): Promise<number | undefined> {
  const [, first = '', last = first] = /^(\d+)(?:-(\d+))?$/.exec(port.published ?? '') ?? []
  if (first === '' || Number(first) === 0) return undefined
  if (first === last) return Number(first)
  const range = { first: Number(first), last: Number(last), protocol: port.protocol as Protocol, addresses }
  const found = await freePort(translation.project.engine, range)
  return found ?? translation.reporter.refuse(['ports', index], `no port of ${port.published} is free`)
}
