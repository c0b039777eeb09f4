// SPDX-License-Identifier: Apache-2.0
import { type Container, EngineError } from 'tscontainer'
import type { ServiceModel } from '../model/service-model.js'
import type { PlannedContainer } from '../plan/project-plan.js'
import { containerName } from '../project/labels.js'
import { anonymousVolumesOf } from '../run/anonymous-volumes.js'
import { type Making, makeContainer } from '../run/make-container.js'
import type { ProjectContainer } from '../run/project-containers.js'
import { removeOne, stopOne } from '../run/retire-container.js'
import { runHooks } from '../run/run-hooks.js'
import type { UpContext } from '../run/up-context.js'
import { waitUntilSettled, watchFor } from '../verbs/wait-until-settled.js'
import { rollingPolicy } from './rolling-policy.js'
import { type RollingSteps, rollingUpdate } from './rolling-update.js'

/** Whether the containers of a service are replaced group by group. */
export const rolls = ({ deploy }: ServiceModel, planned: readonly PlannedContainer[]): boolean =>
  deploy?.update_config !== undefined && planned.filter(({ action }) => action === 'recreate').length > 1

/**
 * Replaces containers of a service as its `update_config` says. New ones have numbers of their own, since the old ones have theirs until they are gone.
 * What is there afterwards. ERR_COMPOSE_UPDATE.
 */
export async function updateService(
  planned: readonly PlannedContainer[],
  context: UpContext,
  making: Making,
): Promise<readonly Container[]> {
  const { request, there, signal } = context
  const [first] = planned
  if (first === undefined) return []
  const { service } = first
  const { update_config: update, rollback_config: rollback } = request.model.services[service]?.deploy ?? {}
  const numbers = new Set([...there.values()].filter((one) => one.service === service).map(({ number }) => number))
  const result = await rollingUpdate<PlannedContainer, ProjectContainer>({
    service,
    old: planned,
    update: rollingPolicy(update),
    rollback: rollingPolicy(rollback),
    steps: stepsOf({ context, making, numbers }),
    signal,
  })
  return [...result.values()].flatMap((one) => ('container' in one ? one.container : containerOf(one, context)))
}

interface World {
  readonly context: UpContext
  readonly making: Making
  /** That are taken. */
  readonly numbers: Set<number>
}

function stepsOf({ context, making, numbers }: World): RollingSteps<PlannedContainer, ProjectContainer> {
  const { project, request, options, tell, signal } = context
  const about = (service: string, container: Container) => ({
    service,
    model: request.model.services[service],
    container,
    tell,
    timeoutMs: options.timeoutMs,
  })
  const remove = (service: string, container: Container) =>
    removeOne(about(service, container), project.engine, { volumes: options.renewAnonVolumes ?? false })
  const start = async (service: string, container: Container) => {
    const event = { type: 'container', service, name: container.name } as const
    tell({ ...event, phase: 'starting' })
    await container.start()
    tell({ ...event, phase: 'started' })
    await runHooks('post_start', about(service, container))
  }
  const discard = async ({
    service,
    container,
    number,
  }: Pick<ProjectContainer, 'service' | 'container' | 'number'>) => {
    await stopOne({ ...about(service, container), model: undefined })
    await remove(service, container)
    numbers.delete(number)
  }
  return {
    make: async (old) => {
      const { service, reason } = old
      const number = freeNumber(numbers)
      const name = containerName(request.model.name, service, request.model.services[service] ?? {}, number)
      tell({ type: 'container', service, name, reason, phase: 'recreating' })
      const volumes = await anonymousVolumesOf(project.engine, containerOf(old, context))
      const inherited = options.renewAnonVolumes ? undefined : volumes
      const container = await makeContainer({ service, number, inherited }, making)
      context.keeper.container(container)
      tell({ type: 'container', service, name: container.name, phase: 'created' })
      try {
        if (request.start) await start(service, container)
      } catch (error) {
        await discard({ service, container, number })
        throw error
      }
      return { service, number, oneoff: false, configHash: '', imageId: container.image.id, container }
    },
    settle: async (made, monitorMs) => {
      if (!request.start) return
      await waitUntilSettled(made, signal)
      await watchFor(made, monitorMs, signal)
      tell({ type: 'container', service: made.service, name: made.container.name, phase: 'healthy' })
    },
    discard,
    stop: async (old) => await stopOne(about(old.service, containerOf(old, context))),
    startAgain: async (old) => await start(old.service, containerOf(old, context)),
    remove: async (old) => {
      await remove(old.service, containerOf(old, context))
      numbers.delete(old.number)
    },
    failed: ({ service, name }, error) => {
      const why = error instanceof Error ? error.message : String(error)
      const message = `the container that was to replace '${name}' failed: ${why}`
      tell({ type: 'warning', kind: 'update', name: service, message })
    },
  }
}

function freeNumber(numbers: Set<number>): number {
  let number = 1
  while (numbers.has(number)) number++
  numbers.add(number)
  return number
}

function containerOf({ id, name }: PlannedContainer, { there }: UpContext): Container {
  const found = id === null ? undefined : there.get(id)
  if (found !== undefined) return found.container
  throw new EngineError({ code: 'ERR_CONTAINER_NOT_FOUND', message: `container '${name}' is gone`, object: name })
}
