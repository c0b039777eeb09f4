// SPDX-License-Identifier: Apache-2.0
import { EngineError, type ExitStatus } from 'tscontainer'
import type { ServiceModel } from '../model/service-model.js'
import type { HookModel } from '../model/service-parts.js'
import type { PlannedContainer } from '../plan/project-plan.js'
import { howItEnded, lastEntries, lastLines } from './last-lines.js'
import { type Making, makeContainer } from './make-container.js'

/**
 * Runs the `pre_start` commands of a service, one after the other, each in a container of its own that is removed afterwards: once for the
 * service, or for each container that is started. ERR_CONTAINER_EXITED for one that fails.
 */
export async function runInitContainers(
  service: string,
  starts: readonly PlannedContainer[],
  making: Making,
): Promise<void> {
  for (const hook of making.project.model.services[service]?.pre_start ?? []) {
    const runs = hook.per_replica ? starts : starts.slice(0, 1)
    await Promise.all(runs.map(({ number }) => runOne(service, number, { hook, making })))
  }
}

interface InitRun {
  readonly hook: HookModel
  readonly making: Making
}

async function runOne(service: string, number: number, { hook, making }: InitRun): Promise<void> {
  const { project, tell, signal } = making
  const overrides = overridesOf(hook, project.model.services[service] ?? {})
  const container = await makeContainer({ service, number, oneoff: true, overrides }, { ...making, detached: false })
  const event = { type: 'hook', service, name: container.name, hook: 'pre_start', command: hook.command ?? [] } as const
  try {
    tell({ ...event, phase: 'started' })
    await container.start()
    const exit = await container.wait({ signal })
    if (exit.code !== 0) throw await failed(service, container, exit)
    tell({ ...event, phase: 'done' })
  } finally {
    await container.remove({ force: true, volumes: true })
  }
}

function overridesOf(hook: HookModel, model: ServiceModel): Partial<ServiceModel> {
  const { command, image, user, privileged, working_dir, environment } = hook
  const overrides: Record<string, unknown> = {
    ports: [],
    restart: 'no',
    healthcheck: { disable: true },
    environment: { ...model.environment, ...environment },
    ...(command !== undefined && { command }),
    ...(image !== undefined && { image, entrypoint: undefined }),
    ...(user !== undefined && { user }),
    ...(privileged !== undefined && { privileged }),
    ...(working_dir !== undefined && { working_dir }),
  }
  return overrides
}

async function failed(service: string, container: Parameters<typeof lastEntries>[0], exit: ExitStatus) {
  const logs = await lastEntries(container)
  const message = `a pre_start command of service '${service}' ${howItEnded(exit)}${lastLines(logs)}`
  return new EngineError({ code: 'ERR_CONTAINER_EXITED', message, object: service, exit, logs })
}
