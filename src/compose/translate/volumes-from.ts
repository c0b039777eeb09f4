// SPDX-License-Identifier: Apache-2.0
import { Container, type ContainerMount, type Mount } from 'tscontainer'
import { firstContainer } from './first-container.js'
import type { Translation } from './translation.js'

/** Binds and volumes of the services and containers in `volumes_from`, read-only where it says `:ro`. */
export async function mountsOfOthers(translation: Translation): Promise<readonly Mount[]> {
  const mounts: Mount[] = []
  for (const [index, entry] of (translation.model.volumes_from ?? []).entries()) {
    const [, isForeign, name = '', mode] = /^(container:)?([^:]+)(?::(ro|rw))?$/.exec(entry) ?? []
    if (name === '') translation.reporter.refuse(['volumes_from', index], `'${entry}' is no service and no container`)
    const container = isForeign
      ? await Container.get(name, { engine: translation.project.engine })
      : firstContainer(translation, name, ['volumes_from', index])
    const found = (await container.inspect()).mounts
    mounts.push(...found.flatMap((mount) => taken(mount, mode === 'ro') ?? []))
  }
  return mounts
}

function taken({ type, source, target, readonly }: ContainerMount, isReadonly: boolean): Mount | undefined {
  if (source === null || (type !== 'bind' && type !== 'volume')) return undefined
  return { type, source, target, ...((readonly || isReadonly) && { readonly: true }) }
}
