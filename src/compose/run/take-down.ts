// SPDX-License-Identifier: Apache-2.0
import { givenServices } from '../plan/service-graph.js'
import type { TellProgress } from '../progress/project-progress.js'
import type { DownOptions } from './down-options.js'
import { discardLeft } from './left-volumes.js'
import { findContainers, type ProjectContainer } from './project-containers.js'
import { whileLocked } from './project-lock.js'
import { removeImages, removeNamedVolumes, removeNetworks } from './remove-resources.js'
import { removeOne, stopOne } from './retire-container.js'
import type { RunningProject } from './running-project.js'
import { walkServices } from './walk-services.js'

/**
 * Stops and removes what belongs to a project, dependents first. It is found by labels: what is there counts, not what was made by whom. What
 * fails keeps back nothing else; the first failure is thrown at the end.
 */
export async function takeDown(project: RunningProject, options: DownOptions, tell: TellProgress): Promise<void> {
  const { signal } = options
  const { model, disabled } = project
  if (options.services) givenServices({ services: { ...model.services, ...disabled }, disabled: {} }, options.services)
  await whileLocked(project, signal, async () => {
    const containers = await leaving(project, options)
    await removeContainers(project, containers, { options, tell })
    if (options.services) return
    await discardLeft(project, { volumes: options.volumes ?? false })
    await removeNetworks(project, tell)
    if (options.volumes) await removeNamedVolumes(project, tell)
    if (options.images) await removeImages(project, { which: options.images, containers, tell })
  })
}

async function leaving(project: RunningProject, options: DownOptions): Promise<readonly ProjectContainer[]> {
  const { services, signal, removeOrphans } = options
  const found = await findContainers(project, { services, oneoff: 'include', all: true, signal })
  const { model, disabled } = project
  const isOwn = ({ service }: ProjectContainer) =>
    Object.hasOwn(model.services, service) || Object.hasOwn(disabled, service)
  return found.filter((one) => removeOrphans || one.oneoff || isOwn(one))
}

interface Removal {
  readonly options: Pick<DownOptions, 'volumes' | 'timeoutMs' | 'signal'>
  readonly tell: TellProgress
}

/** Stops and removes containers, those of dependents first. */
export async function removeContainers(
  { engine, model }: RunningProject,
  containers: readonly ProjectContainer[],
  { options, tell }: Removal,
): Promise<void> {
  const { services } = model
  const names = containers.map(({ service }) => service)
  await walkServices(names, { services, order: 'dependents first' }, async (name) => {
    options.signal?.throwIfAborted()
    const own = containers.filter(({ service }) => service === name)
    const works = own.map(async ({ service, oneoff, container }) => {
      const hooks = oneoff ? undefined : services[service]
      const one = { service, model: hooks, container, tell, timeoutMs: options.timeoutMs }
      await stopOne(one)
      await removeOne(one, engine, { volumes: options.volumes ?? false })
    })
    const settled = await Promise.allSettled(works)
    for (const each of settled) if (each.status === 'rejected') throw each.reason
  })
}
