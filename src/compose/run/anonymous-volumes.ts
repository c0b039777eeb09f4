// SPDX-License-Identifier: Apache-2.0
import { type Container, type Engine, EngineError, type Mount, Volume } from 'tscontainer'

/** Volumes without a name that a container has, by where they are in it. */
export type AnonymousVolumes = ReadonlyMap<string, string>

/** Those of a container; also those that it got from an earlier one. */
export async function anonymousVolumesOf(engine: Engine, container: Container): Promise<AnonymousVolumes> {
  const { mounts } = await container.inspect()
  const found = mounts.map(async ({ type, source, target, anonymous }) => {
    if (type !== 'volume' || source === null) return []
    return anonymous || (await isAnonymous(engine, source)) ? [[target, source] as const] : []
  })
  return new Map((await Promise.all(found)).flat())
}

/** Mounts with those volumes in place of new ones, where there would be such; `declared` are the places that the image says. */
export function carriedOver(
  mounts: readonly Mount[],
  declared: readonly string[],
  volumes: AnonymousVolumes,
): readonly Mount[] {
  const taken = new Set(mounts.map(({ target }) => target))
  const more = declared.filter((target) => !taken.has(target)).flatMap((target) => mountAt(target, volumes) ?? [])
  const own = mounts.map((mount) => {
    const source = volumes.get(mount.target)
    if (mount.type !== 'volume' || mount.source !== undefined || source === undefined) return mount
    return { ...mount, source }
  })
  return [...own, ...more]
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

function mountAt(target: string, volumes: AnonymousVolumes): Mount | undefined {
  const source = volumes.get(target)
  return source === undefined ? undefined : { type: 'volume', source, target }
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
