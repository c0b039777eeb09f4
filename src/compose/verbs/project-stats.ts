// SPDX-License-Identifier: Apache-2.0
import type { Stats } from 'tscontainer'
import { check, checkOptions, type Shape } from '../../util/validate.js'
import { findContainers, type ProjectContainer } from '../run/project-containers.js'
import type { RunningProject } from '../run/running-project.js'
import { ContainerFeeds, isGone } from './container-feeds.js'
import { checkServices, choiceShape, type ServiceChoice } from './service-choice.js'

/** Of which services, and how often. */
export interface ProjectStatsOptions extends ServiceChoice {
  /** Of each container; 1000 by default. */
  readonly intervalMs?: number | undefined
}

export const projectStatsShape: Shape<ProjectStatsOptions> = {
  ...choiceShape,
  intervalMs: check.integer({ min: 10, max: 2 ** 31 - 1 }),
}

/** What one container of a project uses. */
export interface ProjectStats {
  /** The container's name. */
  readonly name: string
  /** What it is one of. */
  readonly service: string
  /** Its number, from 1. */
  readonly number: number
  /** As of the container alone. */
  readonly stats: Stats
}

/** What the containers of a project use, each at once and then each interval, those that come later too. */
export function projectStats(
  project: RunningProject,
  options: ProjectStatsOptions = {},
): AsyncGenerator<ProjectStats, void> {
  checkOptions<ProjectStatsOptions>(options, projectStatsShape)
  return readStats(project, options)
}

async function* readStats(
  project: RunningProject,
  { services, intervalMs, signal }: ProjectStatsOptions,
): AsyncGenerator<ProjectStats, void> {
  const open = (one: ProjectContainer, aborted: AbortSignal) => statsOf(one, { intervalMs, signal: aborted })
  const feeds = new ContainerFeeds<ProjectStats>(project, { services, signal, open })
  try {
    const found = await findContainers(project, { signal })
    checkServices(project, services, found)
    yield* feeds.entries(found.filter(({ service }) => services === undefined || services.includes(service)))
  } finally {
    feeds.close()
  }
}

async function* statsOf(
  { service, number, container }: ProjectContainer,
  options: { readonly intervalMs: number | undefined; readonly signal: AbortSignal },
): AsyncGenerator<ProjectStats, void> {
  try {
    for await (const stats of container.stats(options)) yield { name: container.name, service, number, stats }
  } catch (error) {
    if (!isGone(error)) throw error
  }
}
