// SPDX-License-Identifier: Apache-2.0
import { EngineError } from 'tscontainer'
import { check, checkOptions, type Shape } from '../../util/validate.js'
import { findContainers, type ProjectContainer } from '../run/project-containers.js'
import type { RunningProject } from '../run/running-project.js'
import { listProjectContainers, type ProjectContainerRow } from './list-containers.js'
import { checkServices, choiceShape, type ServiceChoice } from './service-choice.js'
import { waitUntilSettled } from './wait-until-settled.js'

/** What to wait for. */
export interface ProjectWaitOptions extends ServiceChoice {
  /**
   * `'healthy'`, the default: each container runs, and is healthy where it has a check, or has ended with 0; `'stopped'`: none of them runs any more, and no
   * policy is about to start it again.
   */
  readonly condition?: 'healthy' | 'stopped' | undefined
  /** ERR_TIMEOUT after so long, naming who it waits for. No limit by default. */
  readonly timeoutMs?: number | undefined
}

export const projectWaitShape: Shape<ProjectWaitOptions> = {
  ...choiceShape,
  condition: check.oneOf('healthy', 'stopped'),
  timeoutMs: check.timeoutMs,
}

/**
 * Resolves when the containers that the services have now are as `condition` says, with what they are then. To be healthy a service has to have
 * one: ERR_CONTAINER_NOT_FOUND; ERR_CONTAINER_EXITED and ERR_READY_TIMEOUT for one that ends or is unhealthy, with its last lines.
 */
export async function waitForProject(
  project: RunningProject,
  options: ProjectWaitOptions = {},
): Promise<readonly ProjectContainerRow[]> {
  checkOptions<ProjectWaitOptions>(options, projectWaitShape)
  const { condition = 'healthy', timeoutMs, signal } = options
  const all = await findContainers(project, { all: true, signal })
  checkServices(project, options.services, all)
  const services = options.services ?? Object.keys(project.model.services)
  const found = all.filter(({ service }) => services.includes(service))
  if (condition === 'healthy') refuseMissing(project, services, found)
  const waiting = new Set(found)
  const over = new AbortController()
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(() => over.abort(overdue(waiting, timeoutMs)), timeoutMs)
  const either = signal ? AbortSignal.any([signal, over.signal]) : over.signal
  try {
    await Promise.all(
      found.map(async (one) => {
        if (condition === 'healthy') await waitUntilSettled(one, either)
        else await one.container.wait({ signal: either })
        waiting.delete(one)
      }),
    )
  } finally {
    clearTimeout(timer)
    over.abort(new Error('over'))
  }
  return await listProjectContainers(project, { services: options.services, all: true, signal })
}

// A service of which nothing runs is as it should be where nothing is wanted.
function refuseMissing(
  { model }: RunningProject,
  services: readonly string[],
  found: readonly ProjectContainer[],
): void {
  for (const service of services) {
    const { scale, deploy } = model.services[service] ?? {}
    if ((scale ?? deploy?.replicas) === 0 || found.some((one) => one.service === service)) continue
    throw new EngineError({
      code: 'ERR_CONTAINER_NOT_FOUND',
      message: `service '${service}' has no container to wait for`,
      object: service,
      hint: 'project.up() makes it',
    })
  }
}

function overdue(waiting: ReadonlySet<ProjectContainer>, timeoutMs: number): EngineError {
  const names = [...waiting].map(({ container }) => container.name).join(', ')
  return new EngineError({ code: 'ERR_TIMEOUT', message: `after ${timeoutMs} ms still waiting for ${names}` })
}
