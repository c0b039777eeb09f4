// SPDX-License-Identifier: Apache-2.0
import { EngineError } from 'tscontainer'
import type { PlannedContainer } from '../plan/project-plan.js'
import type { TellProgress } from '../progress/project-progress.js'
import { planRequestOf } from './plan-request-of.js'
import { findContainers, type ProjectContainer } from './project-containers.js'
import { whileLocked } from './project-lock.js'
import type { RunningProject } from './running-project.js'
import { ServiceBringer } from './service-bringer.js'
import type { StartOptions } from './state-options.js'
import { untilUp } from './until-up.js'
import { UpLimit } from './up-limit.js'

/** Starts containers that are there and do not run, each when what it needs is as it has to be; also what the given services need. */
export async function startServices(project: RunningProject, options: StartOptions, tell: TellProgress): Promise<void> {
  const { services, wait } = options
  const request = planRequestOf(project, { services })
  const limit = new UpLimit(options)
  const { signal } = limit
  try {
    const bringer = await whileLocked(project, signal, async () => {
      const found = await findContainers(project, { services: request.selected, all: true, signal })
      for (const name of services ?? []) requireOne(name, found)
      const there = new Map(found.map((one) => [one.container.id, one]))
      const plan = { actions: found.flatMap((one) => startOf(one) ?? []), warnings: [] }
      tell({ type: 'plan', plan })
      const resources = { networks: new Map(), volumes: new Map() }
      const nothing = { keeper: { container: () => {}, network: () => {} }, retired: new Map(), resources, options: {} }
      const brought = new ServiceBringer({ ...nothing, project, request, plan, tell, there, signal })
      limit.pending = () => brought.pending
      await brought.all((error) => limit.stop(error))
      signal.throwIfAborted()
      return brought
    })
    if (!wait) return
    const pending = new Set<string>()
    limit.pending = () => [...pending].join(', ')
    await untilUp({ request, containers: bringer.containers, tell, signal, pending })
  } finally {
    limit.end()
  }
}

function startOf({ service, number, container }: ProjectContainer): PlannedContainer | undefined {
  const { id, name, state } = container
  if (state === 'running') return undefined
  const base = { kind: 'container', service, number, id, name, conditional: false } as const
  return state === 'paused'
    ? { ...base, action: 'resume', reason: 'it is paused' }
    : { ...base, action: 'start', reason: 'it does not run' }
}

function requireOne(name: string, found: readonly ProjectContainer[]): void {
  if (found.some(({ service }) => service === name)) return
  throw new EngineError({
    code: 'ERR_CONTAINER_NOT_FOUND',
    message: `the service '${name}' has no container`,
    object: name,
    hint: 'up makes one',
  })
}
