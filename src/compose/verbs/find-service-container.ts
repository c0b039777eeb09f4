// SPDX-License-Identifier: Apache-2.0
import { EngineError } from 'tscontainer'
import { check, type Shape } from '../../util/validate.js'
import { findContainers, type ProjectContainer } from '../run/project-containers.js'
import type { RunningProject } from '../run/running-project.js'
import { checkService } from './service-choice.js'

/** Which one of a service's containers. */
export interface ContainerChoice {
  /** Its number, from 1; by default the lowest one there is. */
  readonly index?: number | undefined
  /** Aborted: what was begun is undone, and the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined
}

export const containerChoiceShape: Shape<ContainerChoice> = {
  index: check.integer({ min: 1 }),
  signal: check.signal,
}

/** One container of a service; `all`: also one that does not run. ERR_CONTAINER_NOT_FOUND, ERR_INVALID_ARGUMENT. */
export async function findServiceContainer(
  project: RunningProject,
  service: string,
  { index, all, signal }: ContainerChoice & { readonly all?: boolean | undefined } = {},
): Promise<ProjectContainer> {
  const running = await findContainers(project, { services: [service], all, signal })
  checkService(project, service, 'service', running)
  const found = index === undefined ? running[0] : running.find(({ number }) => number === index)
  if (found) return found
  const which = index === undefined ? 'no container' : `no container ${index}`
  throw new EngineError({
    code: 'ERR_CONTAINER_NOT_FOUND',
    message: `service '${service}' of the project '${project.origin.name}' has ${which}${all ? '' : ' that runs'}`,
    object: service,
    hint: 'project.up() makes and starts what is missing; project.ps({ all: true }) says what there is',
  })
}
