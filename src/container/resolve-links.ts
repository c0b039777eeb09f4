// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import type { ContainerOptions } from '../runtime/container-options.js'
import { parseLink } from '../runtime/links.js'
import type { ContainerContext } from './container-context.js'
import { findContainer } from './find-container.js'
import type { ResolvedNetworks } from './resolve-networks.js'

/** Adds the names that a container has for others to what its name server knows. ERR_CONTAINER_NOT_FOUND. */
export async function withLinks(
  context: ContainerContext,
  { links = [], signal }: ContainerOptions,
  networks: ResolvedNetworks,
): Promise<ResolvedNetworks> {
  if (links.length === 0) return networks
  const { resolver } = networks
  if (!resolver) throw invalidArgument('links', 'it has no network of its own on which another container could be')
  const resolved = await Promise.all(
    links.map(async (link, index) => {
      const { container, name } = parseLink(link, `links[${index}]`)
      return { name, container: (await findContainer(context, container, signal)).id }
    }),
  )
  return { ...networks, resolver: { ...resolver, links: resolved } }
}
