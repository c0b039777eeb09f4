// SPDX-License-Identifier: Apache-2.0
import { type Container, EngineError, type Signal } from 'tscontainer'
import { dependentsOf, givenServices } from '../plan/service-graph.js'
import type { ProjectContainerPhase, TellProgress } from '../progress/project-progress.js'
import { findContainers, type ProjectContainer } from './project-containers.js'
import { whileLocked } from './project-lock.js'
import { removeOne, stopOne } from './retire-container.js'
import { runHooks } from './run-hooks.js'
import type { RunningProject } from './running-project.js'
import type { KillOptions, RestartOptions, RmOptions, StateOptions, StopServicesOptions } from './state-options.js'
import { type WalkOrder, walkServices } from './walk-services.js'

type Work = (one: ProjectContainer) => Promise<void>

interface Change {
  readonly options: StateOptions
  readonly order?: WalkOrder
  readonly all?: boolean
}

/** Stops containers, dependents first; they stay. */
export async function stopServices(project: RunningProject, options: StopServicesOptions, tell: TellProgress) {
  await change(project, { options, order: 'dependents first', all: true }, async ({ service, container }) => {
    const model = project.model.services[service]
    await stopOne({ service, model, container, tell, timeoutMs: options.timeoutMs })
  })
}

/** Stops and starts containers, dependencies first; with those of dependents that say so. */
export async function restartServices(project: RunningProject, options: RestartOptions, tell: TellProgress) {
  const services = options.services && (options.noDeps ? options.services : withRestarted(project, options.services))
  const given = { ...options, services }
  await change(project, { options: given, order: 'dependencies first', all: true }, async (one) => {
    const { service, container } = one
    const model = project.model.services[service]
    await stopOne({ service, model, container, tell, timeoutMs: options.timeoutMs })
    const event = { type: 'container', service, name: container.name } as const
    tell({ ...event, phase: 'starting' })
    await container.start()
    tell({ ...event, phase: 'started' })
    await runHooks('post_start', { service, model, container, tell })
  })
}

/** Sends containers a signal. */
export async function killServices(project: RunningProject, options: KillOptions, tell: TellProgress) {
  await change(project, { options }, async ({ service, container }) => {
    await told(tell, { service, container }, ['killing', 'killed'], () => container.kill(options.stopSignal as Signal))
  })
}

/** Freezes what runs. */
export async function pauseServices(project: RunningProject, options: StateOptions, tell: TellProgress) {
  await change(project, { options }, async ({ service, container }) => {
    if (container.state !== 'running') return
    await told(tell, { service, container }, ['pausing', 'paused'], () => container.pause())
  })
}

/** Lets go on what is frozen. */
export async function resumeServices(project: RunningProject, options: StateOptions, tell: TellProgress) {
  await change(project, { options }, async ({ service, container }) => {
    if (container.state !== 'paused') return
    await told(tell, { service, container }, ['resuming', 'resumed'], () => container.resume())
  })
}

/** Removes containers that have ended, or all. */
export async function removeServices(project: RunningProject, options: RmOptions, tell: TellProgress) {
  await change(project, { options, order: 'dependents first', all: true }, async ({ service, container }) => {
    const runs = container.state === 'running' || container.state === 'paused'
    if (runs && !options.stop) return
    const one = { service, model: project.model.services[service], container, tell, timeoutMs: options.timeoutMs }
    if (runs) await stopOne(one)
    await removeOne(one, project.engine, { volumes: options.volumes ?? false })
  })
}

async function change(project: RunningProject, { options, order, all }: Change, work: Work): Promise<void> {
  const { services, signal } = options
  const { model, disabled } = project
  givenServices({ services: model.services, disabled }, services)
  await whileLocked(project, signal, async () => {
    const found = await findContainers(project, { services, all, signal })
    const names = found.map(({ service }) => service)
    const each = async (name: string) => {
      signal?.throwIfAborted()
      const own = found.filter(({ service }) => service === name)
      const settled = await Promise.allSettled(own.map(unlessGone(work)))
      for (const one of settled) if (one.status === 'rejected') throw one.reason
    }
    if (order) await walkServices(names, { services: model.services, order }, each)
    else await walkServices(names, { services: {}, order: 'dependencies first' }, each)
  })
}

const unlessGone =
  (work: Work): Work =>
  async (one) => {
    try {
      await work(one)
    } catch (error) {
      if (!EngineError.is(error, 'ERR_CONTAINER_NOT_FOUND')) throw error
    }
  }

interface Told {
  readonly service: string
  readonly container: Container
}

async function told(
  tell: TellProgress,
  { service, container }: Told,
  [before, after]: readonly [ProjectContainerPhase, ProjectContainerPhase],
  work: () => Promise<void>,
): Promise<void> {
  const event = { type: 'container', service, name: container.name } as const
  tell({ ...event, phase: before })
  await work()
  tell({ ...event, phase: after })
}

// Compose specification, depends_on: "restart".
function withRestarted({ model }: RunningProject, names: readonly string[]): readonly string[] {
  const all = new Set(names)
  for (const name of all) {
    for (const other of dependentsOf(model.services, name))
      if (model.services[other]?.depends_on?.[name]?.restart) all.add(other)
  }
  return [...all]
}
