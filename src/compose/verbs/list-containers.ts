// SPDX-License-Identifier: Apache-2.0
import type { Container, ContainerState, PublishedPort } from 'tscontainer'
import { check, checkOptions, type Shape } from '../../util/validate.js'
import { findContainers, type ProjectContainer } from '../run/project-containers.js'
import type { RunningProject } from '../run/running-project.js'
import { checkServices, choiceShape, type ServiceChoice } from './service-choice.js'

/** Which containers to list. */
export interface PsOptions extends ServiceChoice {
  /** Also those that do not run, and those of `run`; false by default. */
  readonly all?: boolean | undefined
  /** False leaves out those of services that the files do not have any more; true by default. */
  readonly orphans?: boolean | undefined
}

export const psShape: Shape<PsOptions> = { ...choiceShape, all: check.boolean, orphans: check.boolean }

/** One container of a project, as it is at the moment. */
export interface ProjectContainerRow {
  /** The container's. */
  readonly name: string
  /** What it is one of. */
  readonly service: string
  /** From 1. */
  readonly number: number
  /** Whether it is one of `run`. */
  readonly oneoff: boolean
  /** Whether the files do not have its service any more. */
  readonly orphan: boolean
  /** As of the container. */
  readonly state: ContainerState
  /** Null: it has no check, or it never ran. */
  readonly health: 'starting' | 'healthy' | 'unhealthy' | null
  /** How it ended; null before. */
  readonly exitCode: number | null
  /** Ports of the host that lead to it. */
  readonly ports: readonly PublishedPort[]
  /** What it was made of: a name, else an id. */
  readonly image: string
  /** 64 hex digits. */
  readonly id: string
  /** When it was made. */
  readonly createdAt: Date
  /** The container itself. */
  readonly container: Container
}

/** The containers of a project by service and number, as `docker compose ps` lists them. */
export async function listProjectContainers(
  project: RunningProject,
  options: PsOptions = {},
): Promise<readonly ProjectContainerRow[]> {
  checkOptions<PsOptions>(options, psShape)
  const { services, all, orphans = true, signal } = options
  const found = await findContainers(project, { all, oneoff: all ? 'include' : 'exclude', signal })
  checkServices(project, services, found)
  return found
    .filter(({ service }) => services === undefined || services.includes(service))
    .map((one) => rowOf(project, one))
    .filter(({ orphan }) => orphans || !orphan)
}

function rowOf({ model, disabled }: RunningProject, one: ProjectContainer): ProjectContainerRow {
  const { service, number, oneoff, container } = one
  const { name, state, health, exit, ports, image, id, createdAt } = container
  return {
    name,
    service,
    number,
    oneoff,
    orphan: !Object.hasOwn(model.services, service) && !Object.hasOwn(disabled, service),
    state,
    health,
    exitCode: state === 'stopped' ? (exit?.code ?? null) : null,
    ports,
    image: image.reference ?? image.id,
    id,
    createdAt,
    container,
  }
}
