// SPDX-License-Identifier: Apache-2.0
import { EngineError, type ErrorCode, Image, Network, Volume } from 'tscontainer'
import type { TellProgress } from '../progress/project-progress.js'
import { composeLabels } from '../project/labels.js'
import type { ProjectContainer } from './project-containers.js'
import type { ProjectIdentity, RunningProject } from './running-project.js'

const ofProject = ({ engine, origin }: ProjectIdentity) => ({
  engine,
  labels: { [composeLabels.project]: origin.name },
})

/** Removes the networks that were made for the project; one that somebody else is on stays, with a warning. */
export async function removeNetworks(project: ProjectIdentity, tell: TellProgress): Promise<void> {
  const networks = await Network.list(ofProject(project))
  await Promise.all(networks.map((network) => removeResource('network', network, tell)))
}

/** Likewise its volumes. */
export async function removeNamedVolumes(project: ProjectIdentity, tell: TellProgress): Promise<void> {
  const volumes = await Volume.list(ofProject(project))
  await Promise.all(volumes.map((volume) => removeResource('volume', volume, tell)))
}

const inUse: readonly ErrorCode[] = ['ERR_NETWORK_IN_USE', 'ERR_VOLUME_IN_USE', 'ERR_IMAGE_IN_USE']
const gone: readonly ErrorCode[] = ['ERR_NETWORK_NOT_FOUND', 'ERR_VOLUME_NOT_FOUND', 'ERR_IMAGE_NOT_FOUND']

async function removeResource(type: 'network' | 'volume', one: Network | Volume, tell: TellProgress): Promise<void> {
  const { name } = one
  tell({ type, name, phase: 'removing' })
  const left = await leftInUse(() => one.remove())
  if (left) tell({ type: 'warning', kind: type, name, message: left.message })
  else tell({ type, name, phase: 'removed' })
}

/** Which images, of whose containers. */
export interface ImageRemoval {
  readonly which: 'local' | 'all'
  /** Those that were removed before: what a project without files was made from. */
  readonly containers: readonly ProjectContainer[]
  readonly tell: TellProgress
}

/** Removes images of the project's services; one that somebody else uses stays, with a warning. */
export async function removeImages(project: RunningProject, { which, containers, tell }: ImageRemoval): Promise<void> {
  const { engine } = project
  for (const [name, service] of imagesOf(project, containers)) {
    if (which === 'local' && !isLocal(name, service, project)) continue
    const left = await leftInUse(async () => {
      const image = await Image.get(name, { engine })
      tell({ type: 'image', service, name, phase: 'removing' })
      await image.remove()
      tell({ type: 'image', service, name, phase: 'removed' })
    })
    if (left) tell({ type: 'warning', kind: 'image', name, message: left.message })
  }
}

function imagesOf({ model, origin }: RunningProject, containers: readonly ProjectContainer[]) {
  const names = new Map<string, string>()
  for (const [service, { image }] of Object.entries(model.services))
    names.set(image ?? `${origin.name}-${service}`, service)
  for (const { service, container } of containers) {
    const { reference } = container.image
    if (reference !== null) names.set(reference, service)
  }
  return names
}

// Those that the file gives no name are called after the project.
const isLocal = (name: string, service: string, { origin }: RunningProject): boolean =>
  name === `${origin.name}-${service}`

async function leftInUse(remove: () => Promise<void>): Promise<EngineError | undefined> {
  try {
    await remove()
  } catch (error) {
    if (!EngineError.is(error)) throw error
    if (inUse.includes(error.code)) return error
    if (!gone.includes(error.code)) throw error
  }
  return undefined
}
