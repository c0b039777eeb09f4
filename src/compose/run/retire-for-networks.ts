// SPDX-License-Identifier: Apache-2.0
import type { PlannedContainer, ProjectPlan } from '../plan/project-plan.js'
import type { TellProgress } from '../progress/project-progress.js'
import { type AnonymousVolumes, anonymousVolumesOf } from './anonymous-volumes.js'
import { noteLeft } from './left-volumes.js'
import type { ProjectContainer } from './project-containers.js'
import { removeOne, stopOne } from './retire-container.js'
import type { RunningProject } from './running-project.js'
import type { UpOptions } from './up-options.js'
import { walkServices } from './walk-services.js'

/** What is retired, and how. */
export interface NetworkRetirement {
  readonly project: RunningProject
  readonly plan: ProjectPlan
  readonly there: ReadonlyMap<string, ProjectContainer>
  readonly options: UpOptions
  readonly tell: TellProgress
}

/** The plan that is left, and what those that are gone leave to their successors. */
export interface Retired {
  readonly plan: ProjectPlan
  readonly volumes: ReadonlyMap<string, AnonymousVolumes>
}

/** Removes the containers that are on networks which are made anew, dependents first: a network goes only when nobody is on it. */
export async function retireForNetworks(retirement: NetworkRetirement): Promise<Retired> {
  const { project, plan, there, options, tell } = retirement
  const { services } = project.model
  const leaving = containersOnRenewed(retirement)
  const volumes = new Map<string, AnonymousVolumes>()
  const names = new Set([...leaving].map(({ service }) => service))
  await walkServices(names, { services, order: 'dependents first' }, async (name) => {
    const own = [...leaving].filter(({ service }) => service === name)
    await Promise.all(own.map((planned) => retire(planned)))
  })
  return {
    plan: { ...plan, actions: plan.actions.map((one) => (leaving.has(one as never) ? created(one) : one)) },
    volumes,
  }

  async function retire({ id, service, number }: PlannedContainer): Promise<void> {
    const container = id === null ? undefined : there.get(id)?.container
    if (id === null || container === undefined) return
    const renew = options.renewAnonVolumes ?? false
    const left = renew ? new Map() : await anonymousVolumesOf(project.engine, container)
    volumes.set(id, left)
    const one = { service, model: services[service], container, tell, timeoutMs: options.timeoutMs }
    await stopOne(one)
    await noteLeft(project, { service, number }, left)
    await removeOne(one, project.engine, { volumes: renew })
  }
}

const created = (action: ProjectPlan['actions'][number]) => ({ ...action, action: 'create' }) as PlannedContainer

function containersOnRenewed({ project, plan }: NetworkRetirement): ReadonlySet<PlannedContainer> {
  const renewed = plan.actions.flatMap((one) => (one.kind === 'network' && one.action === 'recreate' ? [one.key] : []))
  const isOn = (service: string) => renewed.some((key) => key in (project.model.services[service]?.networks ?? {}))
  return new Set(
    plan.actions.filter(
      (one): one is PlannedContainer =>
        one.kind === 'container' && (one.action === 'recreate' || one.action === 'remove') && isOn(one.service),
    ),
  )
}
