// SPDX-License-Identifier: Apache-2.0
import { Container, EngineError, Image } from 'tscontainer'
import type { TellProgress } from '../progress/project-progress.js'
import { composeLabels, imageName } from '../project/labels.js'
import { containerOptions } from '../translate/container-options.js'
import type { ContainerRequest } from '../translate/container-request.js'
import { inheritable } from './anonymous-volumes.js'
import type { ProjectResources } from './project-resources.js'
import type { RunningProject } from './running-project.js'

/** What containers of a project are made with. */
export interface Making {
  readonly project: RunningProject
  readonly resources: ProjectResources
  /** The containers of services that are there, for those that share something with them. */
  readonly containers: ReadonlyMap<string, readonly Container[]>
  readonly detached: boolean
  readonly tell: TellProgress
  readonly signal?: AbortSignal | undefined
}

/** Makes a container of a service; it is not started. */
export async function makeContainer(request: ContainerRequest, making: Making): Promise<Container> {
  const { project, resources, containers, detached, tell, signal } = making
  const { engine } = project
  const { service, inherited = new Map() } = request
  const image = await imageFor(request, project)
  const left = inheritable(inherited, project.model.services[service] ?? {}, image.config.volumes ?? [])
  const all = { ...request, inherited: left, detached, imageId: image.id }
  const { options, image: reference, reports } = await containerOptions(project, all, { ...resources, containers })
  for (const { path, message } of reports) tell({ type: 'warning', kind: 'property', name: path, message })
  const name = options.name ?? ''
  return await onceFree(name, making, () => Container.create(reference, { ...options, engine, signal, pull: 'never' }))
}

// Images of other commands than the service's own are not planned for.
async function imageFor({ service, overrides }: ContainerRequest, { engine, model }: RunningProject): Promise<Image> {
  if (overrides?.image !== undefined) return await Image.pull(overrides.image, { engine })
  return await Image.get(imageName(model.name, service, model.services[service] ?? {}), { engine })
}

// Containers of a process that was killed just now go one after the other.
const leavingMs = 10_000

async function onceFree(name: string, { project }: Making, create: () => Promise<Container>): Promise<Container> {
  try {
    return await create()
  } catch (error) {
    if (!EngineError.is(error, 'ERR_NAME_IN_USE') || name === '') throw error
    if (!(await leaves(name, project))) throw error
    return await create()
  }
}

// Whether the container that has the name is one of this project which is gone soon: it was not there when the project was looked at.
async function leaves(name: string, { engine, origin }: RunningProject): Promise<boolean> {
  try {
    const other = await Container.get(name, { engine })
    if (other.labels[composeLabels.project] !== origin.name) return false
    await other.wait({ condition: 'removed', signal: AbortSignal.timeout(leavingMs) })
    return true
  } catch (error) {
    return EngineError.is(error, 'ERR_CONTAINER_NOT_FOUND') || EngineError.is(error, 'ERR_CONTAINER_STATE')
  }
}
