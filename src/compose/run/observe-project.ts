// SPDX-License-Identifier: Apache-2.0
import { type Container, EngineError, Image, Network, Volume } from 'tscontainer'
import type { ObservedContainer, ObservedProject } from '../plan/observed-project.js'
import { imageName } from '../project/labels.js'
import { findContainers, type ProjectContainer } from './project-containers.js'
import type { RunningProject } from './running-project.js'

/** What there is of a project, and the handles of it. */
export interface Observation {
  readonly observed: ObservedProject
  readonly containers: ReadonlyMap<string, ProjectContainer>
}

/** What to look at. */
export interface ObservationOptions {
  /** The services whose images are wanted. */
  readonly services: readonly string[]
  /** Whether containers that end with their process are told apart. */
  readonly detached: boolean
  readonly signal?: AbortSignal | undefined
}

/** Looks at what there is now. */
export async function observeProject(
  project: RunningProject,
  { services, detached, signal }: ObservationOptions,
): Promise<Observation> {
  const { engine } = project
  const [containers, networks, volumes, images] = await Promise.all([
    findContainers(project, { all: true, signal }),
    Network.list({ engine, signal }),
    Volume.list({ engine, signal }),
    imagesOf(project, services),
  ])
  const described = (await Promise.all(containers.map((one) => observe(one, detached)))).flatMap((one) => one ?? [])
  const seen = new Set(described.map(({ id }) => id))
  return {
    observed: {
      containers: described,
      networks: new Map(networks.map(({ name, labels }) => [name, labels])),
      volumes: new Map(volumes.map(({ name, labels }) => [name, labels])),
      images,
    },
    containers: new Map(containers.flatMap((one) => (seen.has(one.container.id) ? [[one.container.id, one]] : []))),
  }
}

async function observe(one: ProjectContainer, detached: boolean): Promise<ObservedContainer | undefined> {
  const { service, number, configHash, imageId, container } = one
  const mortal = detached && !(await outlivesUs(container))
  const { id, name, state } = container
  return state === 'removed' ? undefined : { id, name, service, number, configHash, imageId, state, mortal }
}

async function outlivesUs(container: Container): Promise<boolean> {
  try {
    return (await container.inspect()).detached
  } catch (error) {
    if (EngineError.is(error, 'ERR_CONTAINER_NOT_FOUND')) return false
    throw error
  }
}

async function imagesOf(project: RunningProject, services: readonly string[]) {
  const ids = new Map<string, Promise<string | null>>()
  const idOf = (name: string) => {
    const known = ids.get(name) ?? imageId(project, name)
    ids.set(name, known)
    return known
  }
  const found = services.map(async (service) => {
    const { [service]: own } = project.model.services
    return [service, own ? await idOf(imageName(project.model.name, service, own)) : null] as const
  })
  return new Map(await Promise.all(found))
}

async function imageId({ engine }: RunningProject, name: string): Promise<string | null> {
  try {
    return (await Image.get(name, { engine })).id
  } catch (error) {
    if (EngineError.is(error, 'ERR_IMAGE_NOT_FOUND')) return null
    throw error
  }
}
