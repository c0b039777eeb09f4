// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path'
import { type Container, type ContainerInspection, type Engine, EngineError, Volume } from 'tscontainer'
import type { ServiceModel } from '../model/service-model.js'

/** Volumes without a name that a container has, by where they are in it. */
export type AnonymousVolumes = ReadonlyMap<string, string>

/** Those of a container; also those that it got from an earlier one. None where it is gone. */
export async function anonymousVolumesOf(engine: Engine, container: Container): Promise<AnonymousVolumes> {
  const mounts = await mountsOf(container)
  const found = mounts.map(async ({ type, source, target, anonymous }) => {
    if (type !== 'volume' || source === null) return []
    return anonymous || (await isAnonymous(engine, source)) ? [[target, source] as const] : []
  })
  return new Map((await Promise.all(found)).flat())
}

/** Those of them that a successor has a place for: what its service or its image (`declared`) says is a volume there. */
export function inheritable(
  volumes: AnonymousVolumes,
  { volumes: mounts = [] }: ServiceModel,
  declared: readonly string[],
): AnonymousVolumes {
  const places = new Set(
    [...declared, ...mounts.map(({ target }) => target)].map((place) => posix.join(place ?? '', '.')),
  )
  return new Map([...volumes].filter(([target]) => places.has(posix.join(target, '.'))))
}

/** Removes them, but those that another container uses. */
export async function removeVolumes(engine: Engine, volumes: AnonymousVolumes): Promise<void> {
  for (const name of volumes.values()) {
    try {
      await (await Volume.get(name, { engine })).remove()
    } catch (error) {
      if (!EngineError.is(error, 'ERR_VOLUME_IN_USE') && !EngineError.is(error, 'ERR_VOLUME_NOT_FOUND')) throw error
    }
  }
}

async function mountsOf(container: Container): Promise<ContainerInspection['mounts']> {
  try {
    return (await container.inspect()).mounts
  } catch (error) {
    if (EngineError.is(error, 'ERR_CONTAINER_NOT_FOUND')) return []
    throw error
  }
}

// Names that people give are asked for nothing.
async function isAnonymous(engine: Engine, name: string): Promise<boolean> {
  if (!/^[0-9a-f]{64}$/.test(name)) return false
  try {
    return (await Volume.get(name, { engine })).anonymous
  } catch (error) {
    if (EngineError.is(error)) return false
    throw error
  }
}
