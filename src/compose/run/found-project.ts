// SPDX-License-Identifier: Apache-2.0
import { Container, type Engine, EngineError, Network, Volume } from 'tscontainer'
import type { LoadedProject } from '../load/load-project.js'
import type { ServiceModel } from '../model/service-model.js'
import type { DependencyModel } from '../model/service-parts.js'
import { composeLabels } from '../project/labels.js'
import { checkGivenName, isProjectName } from '../project/project-name.js'
import { described, type ProjectContainer } from './project-containers.js'

/** A project that has something in an engine. */
export interface ProjectSummary {
  /** What it is called. */
  readonly name: string
  /** Where its relative paths begin; empty where nobody said. */
  readonly directory: string
  /** Its files when its containers were made. */
  readonly files: readonly string[]
  /** Its containers by service, without those of `run`. */
  readonly services: Readonly<Record<string, ServiceSummary>>
}

/** The containers of a service. */
export interface ServiceSummary {
  /** In all states. */
  readonly total: number
  /** Of these. */
  readonly running: number
}

/** The projects that have containers in the engine, by name, whichever process made them. */
export async function listProjects(
  engine: Engine,
  signal: AbortSignal | undefined,
): Promise<readonly ProjectSummary[]> {
  const containers = await Container.list({ engine, all: true, signal })
  const byName = new Map<string, ProjectContainer[]>()
  for (const container of containers) {
    const name = container.labels[composeLabels.project]
    const one = described(container)
    if (name !== undefined && isProjectName(name) && one) byName.set(name, [...(byName.get(name) ?? []), one])
  }
  return [...byName].sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, own]) => summary(name, own))
}

function summary(name: string, containers: readonly ProjectContainer[]): ProjectSummary {
  const services: Record<string, ServiceSummary> = {}
  for (const { service, oneoff, container } of containers) {
    if (oneoff) continue
    const { total = 0, running = 0 } = services[service] ?? {}
    services[service] = { total: total + 1, running: running + Number(container.state === 'running') }
  }
  return { name, ...originOf(containers), services }
}

/**
 * A project as labels in the engine tell of it: its services with their images and dependencies, and nothing else of what its files say.
 * ERR_PROJECT_NOT_FOUND.
 */
export async function findProject(
  engine: Engine,
  name: string,
  signal: AbortSignal | undefined,
): Promise<LoadedProject> {
  checkGivenName(name, 'name')
  const labels = { [composeLabels.project]: name }
  const [containers, networks, volumes] = await Promise.all([
    Container.list({ engine, labels, all: true, signal }),
    Network.list({ engine, labels, signal }),
    Volume.list({ engine, labels, signal }),
  ])
  if (containers.length + networks.length + volumes.length === 0) throw notFound(name)
  const own = containers.flatMap((container) => described(container) ?? [])
  const empty = { networks: {}, volumes: {}, secrets: {}, configs: {}, models: {} }
  return {
    ...originOf(own),
    model: { name, services: servicesOf(own), ...empty },
    disabled: {},
    environmentFiles: [],
    environment: new Map(),
    profiles: [],
    warnings: [],
  }
}

function servicesOf(containers: readonly ProjectContainer[]): Readonly<Record<string, ServiceModel>> {
  const services: Record<string, ServiceModel> = {}
  for (const { service, oneoff, container } of containers) {
    if (oneoff || Object.hasOwn(services, service)) continue
    const image = container.image.reference ?? undefined
    services[service] = { image, depends_on: needsOf(container.labels[composeLabels.dependsOn] ?? '') }
  }
  return services
}

// As labels.ts writes it; the condition may be missing in what other programs wrote.
function needsOf(text: string): Readonly<Record<string, DependencyModel>> {
  const entries = text
    .split(',')
    .filter(Boolean)
    .map((entry) => {
      const [name = '', condition = 'service_started', restart] = entry.split(':')
      const need = { condition: condition as DependencyModel['condition'], required: true, restart: restart === 'true' }
      return [name, need] as const
    })
  return Object.fromEntries(entries)
}

function originOf(containers: readonly ProjectContainer[]) {
  const { labels = {} } = containers.at(-1)?.container ?? {}
  const files = labels[composeLabels.configFiles]?.split(',').filter(Boolean) ?? []
  return { directory: labels[composeLabels.workingDirectory] ?? '', files }
}

const notFound = (name: string): EngineError =>
  new EngineError({
    code: 'ERR_PROJECT_NOT_FOUND',
    message: `nothing in this engine belongs to a project '${name}'`,
    object: name,
    hint: 'Project.list() has those that are there',
  })
