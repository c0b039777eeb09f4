// SPDX-License-Identifier: Apache-2.0
import { EngineError, Image, type Platform } from 'tscontainer'
import { checkOptions } from '../../util/validate.js'
import { findContainers } from '../run/project-containers.js'
import type { RunningProject } from '../run/running-project.js'
import { checkServices, choiceShape, type ServiceChoice } from './service-choice.js'

/** What one container of a project was made of. */
export interface ProjectImage {
  /** The container's name. */
  readonly name: string
  /** What it is one of. */
  readonly service: string
  /** What the image was called when the container was made; null if it had no name. */
  readonly reference: string | null
  /** Digest of its config. */
  readonly id: string
  /** What it is for; null when it is not in the store any more. */
  readonly platform: Platform | null
  /** Of its layers, unpacked; null when it is not in the store any more. */
  readonly sizeBytes: number | null
}

/** The images that the project's containers were made of, those that do not run too. */
export async function listProjectImages(
  project: RunningProject,
  options: ServiceChoice = {},
): Promise<readonly ProjectImage[]> {
  checkOptions<ServiceChoice>(options, choiceShape)
  const { services, signal } = options
  const found = await findContainers(project, { all: true, signal })
  checkServices(project, services, found)
  const wanted = found.filter(({ service }) => services === undefined || services.includes(service))
  return await Promise.all(
    wanted.map(async ({ service, container }) => {
      const { reference, id } = container.image
      const image = await stored(project, id)
      const { platform = null, sizeBytes = null } = image ?? {}
      return { name: container.name, service, reference, id, platform, sizeBytes }
    }),
  )
}

async function stored({ engine }: RunningProject, id: string): Promise<Image | undefined> {
  try {
    return await Image.get(id, { engine })
  } catch (error) {
    if (EngineError.is(error, 'ERR_IMAGE_NOT_FOUND')) return undefined
    throw error
  }
}
