// SPDX-License-Identifier: Apache-2.0
import type { ContainerEventType, EventOf } from 'tscontainer'
import { check, checkOptions, type Shape } from '../../util/validate.js'
import { composeLabels } from '../project/labels.js'
import type { RunningProject } from '../run/running-project.js'
import { checkServices, choiceShape, type ServiceChoice } from './service-choice.js'

/** Which events of a project. */
export interface ProjectEventOptions extends ServiceChoice {
  /** The cursor of the last event seen: everything after it comes first. */
  readonly since?: string | undefined
}

export const projectEventShape: Shape<ProjectEventOptions> = { ...choiceShape, since: check.nonEmptyString }

/** An event of one of a project's containers, of whatever process. */
export type ProjectEvent = EventOf<ContainerEventType> & {
  /** What the container is one of. */
  readonly service: string
  /** Its number, from 1. */
  readonly number: number
}

/** What happens to the containers of a project from now on, until the loop is left or the signal aborts. */
export function projectEvents(
  project: RunningProject,
  options: ProjectEventOptions = {},
): AsyncIterableIterator<ProjectEvent> {
  checkOptions<ProjectEventOptions>(options, projectEventShape)
  const { services, since, signal } = options
  checkServices(project, services)
  // Begun here, so that nothing is missed before the first step of the loop.
  const labels = { [composeLabels.project]: project.origin.name }
  const events = project.engine.events({ since, signal, filter: { labels } })
  return ofServices(events, services)
}

async function* ofServices(
  events: ReturnType<RunningProject['engine']['events']>,
  services: readonly string[] | undefined,
): AsyncGenerator<ProjectEvent, undefined> {
  for await (const event of events) {
    if (!('container' in event)) continue
    const { labels } = event.container
    const service = labels[composeLabels.service]
    if (service === undefined || (services !== undefined && !services.includes(service))) continue
    yield { ...event, service, number: Number(labels[composeLabels.number] ?? 0) }
  }
  return undefined
}
