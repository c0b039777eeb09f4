// SPDX-License-Identifier: Apache-2.0
import { type Container, EngineError } from 'tscontainer'
import type { PlanRequest } from '../plan/plan-request.js'
import { isTask } from '../plan/service-graph.js'
import type { TellProgress } from '../progress/project-progress.js'
import { requireRunning, untilCompleted, untilHealthy } from './until-condition.js'

/** What is waited for. */
export interface UpWait {
  readonly request: PlanRequest
  /** The containers of the services. */
  readonly containers: ReadonlyMap<string, readonly Container[]>
  readonly tell: TellProgress
  readonly signal: AbortSignal
  readonly pending: Set<string>
}

/**
 * Resolves when all services that were asked for are up: healthy, or running where they have no health check. Those that others wait for to
 * complete may have ended well.
 */
export async function untilUp(wait: UpWait): Promise<void> {
  const works = wait.request.asked.flatMap((service) =>
    (wait.containers.get(service) ?? []).map((container) => untilOneIsUp(service, container, wait)),
  )
  const settled = await Promise.allSettled(works)
  const failed = settled.find((one) => one.status === 'rejected')
  if (failed) throw failed.reason
}

async function untilOneIsUp(service: string, container: Container, wait: UpWait): Promise<void> {
  const { signal, pending, tell, request } = wait
  const { name } = container
  const { health } = await container.inspect({ signal })
  if (health === null)
    return isTask(request.model.services, service)
      ? await untilCompleted(container, signal)
      : await requireRunning(container, signal)
  const text = `'${name}' until it is healthy`
  pending.add(text)
  try {
    await untilHealthy(container, signal)
  } catch (error) {
    if (
      !EngineError.is(error, 'ERR_CONTAINER_EXITED') ||
      !isTask(request.model.services, service) ||
      error.exit.code !== 0
    )
      throw error
  } finally {
    pending.delete(text)
  }
  tell({ type: 'container', service, name, phase: 'healthy' })
}
