// SPDX-License-Identifier: Apache-2.0
import { type Container, EngineError, type ExitStatus, type LogEntry, type LogsOptions } from 'tscontainer'
import { check, checkOptions, type Shape } from '../../util/validate.js'
import { findContainers, type ProjectContainer } from '../run/project-containers.js'
import type { RunningProject } from '../run/running-project.js'
import { ContainerFeeds, isGone } from './container-feeds.js'
import { mergeByTime } from './merge-by-time.js'
import { checkServices, choiceShape, type ServiceChoice } from './service-choice.js'

/** Which entries of the logs of a project, and whether to wait for more. */
export interface ProjectLogsOptions extends ServiceChoice {
  /** Whether to go on, also with containers that come later, until the loop is left or the signal aborts. */
  readonly follow?: boolean | undefined
  /** Only what was not written before this time. */
  readonly since?: Date | undefined
  /** Only the last so many of each container that is there. */
  readonly tail?: number | undefined
  /** The number of a container: of each service that one alone. */
  readonly index?: number | undefined
  /** False leaves it out. */
  readonly stdout?: boolean | undefined
  /** False leaves it out. */
  readonly stderr?: boolean | undefined
}

export const projectLogsShape: Shape<ProjectLogsOptions> = {
  ...choiceShape,
  follow: check.boolean,
  since: check.date,
  tail: check.integer({ min: 0 }),
  index: check.integer({ min: 1 }),
  stdout: check.boolean,
  stderr: check.boolean,
}

/** One line that a container of a project wrote. */
export interface ProjectLogEntry extends LogEntry {
  /** Where the log of that container goes on. */
  readonly cursor: string
  /** What the container is one of. */
  readonly service: string
  /** Its number, from 1. */
  readonly number: number
  /** The container's name. */
  readonly container: string
}

/** How a container of a project ended, behind the last line that it wrote. */
export interface ProjectLogEnd extends Pick<ProjectLogEntry, 'service' | 'number' | 'container'> {
  /** Null: it was removed. */
  readonly exit: ExitStatus | null
}

type Item = ProjectLogEntry | ProjectLogEnd

/**
 * What the containers of a project wrote, those that have ended too: what is there in the order of time, then in the order in which it comes.
 * Containers that keep no log are left out, unless their service is named: ERR_UNSUPPORTED.
 */
export function projectLogs(
  project: RunningProject,
  options: ProjectLogsOptions = {},
): AsyncGenerator<ProjectLogEntry, void> {
  checkOptions<ProjectLogsOptions>(options, projectLogsShape)
  return entriesAlone(new ProjectLogReader(project, options).items())
}

async function* entriesAlone(items: AsyncGenerator<Item, void>): AsyncGenerator<ProjectLogEntry, void> {
  for await (const item of items) if ('timeNs' in item) yield item
}

/** Reads the logs of a project, and where it follows them tells of their ends. */
export class ProjectLogReader {
  readonly #project: RunningProject
  readonly #options: ProjectLogsOptions
  readonly #cursors = new Map<string, string>()
  readonly #begun = new Date()
  readonly #followed = new Set<Container>()

  constructor(project: RunningProject, options: ProjectLogsOptions) {
    this.#project = project
    this.#options = options
  }

  /** Whether a container that has run is followed, and its end still to be told. */
  get owesEnds(): boolean {
    return [...this.#followed].some(({ state }) => state !== 'created')
  }

  async *items(): AsyncGenerator<Item, void> {
    const { services, follow, tail, since, signal } = this.#options
    const feeds = follow ? this.#feeds() : undefined
    try {
      const all = await findContainers(this.#project, { all: true, signal })
      checkServices(this.#project, services, all)
      const found = all.filter((one) => this.#wants(one))
      yield* mergeByTime(found.map((one) => this.#entries(one, { since, tail, signal })))
      if (!feeds) return
      yield* feeds.entries(found)
    } finally {
      feeds?.close()
    }
  }

  #wants({ service, number }: ProjectContainer): boolean {
    const { services, index } = this.#options
    return (services === undefined || services.includes(service)) && (index === undefined || index === number)
  }

  #feeds(): ContainerFeeds<Item> {
    const { services, signal } = this.#options
    return new ContainerFeeds(this.#project, {
      services,
      signal,
      open: (one, aborted) => this.#follow(one, aborted),
    })
  }

  async *#follow(one: ProjectContainer, signal: AbortSignal): AsyncGenerator<Item, void> {
    if (!this.#wants(one)) return
    const { service, number, container } = one
    const since = this.#cursors.get(container.id) ?? this.#first()
    if (container.state === 'stopped') return yield* this.#entries(one, { since, follow: true, signal })
    this.#followed.add(container)
    try {
      yield* this.#entries(one, { since, follow: true, signal })
    } catch (error) {
      if (!isGone(error)) throw error
    } finally {
      this.#followed.delete(container)
    }
    yield { service, number, container: container.name, exit: container.exit }
  }

  // Of what `tail` left out, nothing is shown later; what was written since the call is.
  #first(): Date | undefined {
    const { since, tail } = this.#options
    if (tail === undefined || (since && since > this.#begun)) return since
    return this.#begun
  }

  async *#entries(
    { service, number, container }: ProjectContainer,
    how: LogsOptions,
  ): AsyncGenerator<ProjectLogEntry, void> {
    const { services, stdout, stderr } = this.#options
    try {
      for await (const entry of container.logs({ ...how, stdout, stderr })) {
        this.#cursors.set(container.id, entry.cursor)
        yield { ...entry, service, number, container: container.name }
      }
    } catch (error) {
      if (services !== undefined || !EngineError.is(error, 'ERR_UNSUPPORTED')) throw error
    }
  }
}
