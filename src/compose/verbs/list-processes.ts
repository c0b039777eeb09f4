// SPDX-License-Identifier: Apache-2.0
import type { ProcessInfo } from 'tscontainer'
import { EngineError } from 'tscontainer'
import { checkOptions } from '../../util/validate.js'
import { findContainers } from '../run/project-containers.js'
import type { RunningProject } from '../run/running-project.js'
import { checkServices, choiceShape, type ServiceChoice } from './service-choice.js'

/** The processes of one container of a project. */
export interface ProjectProcesses {
  /** The container's name. */
  readonly name: string
  /** What it is one of. */
  readonly service: string
  /** From 1. */
  readonly number: number
  /** As the kernel lists them. */
  readonly processes: readonly ProcessInfo[]
}

/** What runs in the project's containers, those of `run` too. */
export async function listProcesses(
  project: RunningProject,
  options: ServiceChoice = {},
): Promise<readonly ProjectProcesses[]> {
  checkOptions<ServiceChoice>(options, choiceShape)
  const { services, signal } = options
  const found = await findContainers(project, { oneoff: 'include', signal })
  checkServices(project, services, found)
  const wanted = found.filter(({ service }) => services === undefined || services.includes(service))
  const rows = wanted.map(async ({ service, number, container }) => {
    // One that ends meanwhile has none.
    const processes = await container.processes({ signal }).catch((error: unknown) => {
      if (EngineError.is(error, 'ERR_CONTAINER_STATE') || EngineError.is(error, 'ERR_CONTAINER_NOT_FOUND')) return []
      throw error
    })
    return { name: container.name, service, number, processes }
  })
  return await Promise.all(rows)
}
