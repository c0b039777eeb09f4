// SPDX-License-Identifier: Apache-2.0
import { type Container, EngineError } from 'tscontainer'
import type { DependencyModel } from '../model/service-parts.js'
import { wantedCount } from '../plan/plan-request.js'
import { untilCompleted, untilHealthy } from './until-condition.js'
import type { UpContext } from './up-context.js'

type Condition = DependencyModel['condition']

/** Where services are. */
export interface ServiceStarts {
  /** Resolves when the containers of the service were started. */
  readonly started: (service: string) => Promise<void>
  /** Those, once they were. */
  readonly containers: (service: string) => readonly Container[]
}

/** Waits for what services need; what several need is waited for once. */
export class ConditionWaits {
  readonly #context: UpContext
  readonly #starts: ServiceStarts
  readonly #met = new Map<string, Promise<void>>()
  readonly #pending = new Set<string>()

  constructor(context: UpContext, starts: ServiceStarts) {
    this.#context = context
    this.#starts = starts
  }

  /** What is waited for now, as a phrase. */
  get pending(): string {
    return [...this.#pending].join(', ')
  }

  /** Resolves when all that the service needs is as it has to be. ERR_COMPOSE_DEPENDENCY names what is not. */
  async untilMet(service: string): Promise<void> {
    const { model, selected } = this.#context.request
    const needs = Object.entries(model.services[service]?.depends_on ?? {})
    const waited = needs.filter(([other]) => selected.includes(other))
    await Promise.all(waited.map(([other, need]) => this.#untilOne(service, other, need)))
  }

  async #untilOne(service: string, other: string, { condition, required }: DependencyModel): Promise<void> {
    try {
      await this.#starts.started(other)
      await this.#condition(other, condition)
    } catch (error) {
      this.#context.signal.throwIfAborted()
      const failure = dependencyFailed(service, other, { condition, error })
      if (required) throw failure
      this.#context.tell({ type: 'warning', kind: 'dependency', name: other, message: failure.message })
    }
  }

  #condition(service: string, condition: Condition): Promise<void> {
    const key = `${service} ${condition}`
    const known = this.#met.get(key) ?? this.#meet(service, condition)
    this.#met.set(key, known)
    return known
  }

  async #meet(service: string, condition: Condition): Promise<void> {
    const { request } = this.#context
    if (request.model.services[service]?.provider !== undefined) return
    const containers = this.#starts.containers(service)
    if (containers.length === 0 && wantedCount(service, request) === 0) throw new Error('it has no container')
    // Where nothing is started, it is enough that they are there.
    if (condition === 'service_started' || !request.start) return
    await Promise.all(containers.map((container) => this.#meetOne(service, container, condition)))
  }

  async #meetOne(service: string, container: Container, condition: Condition): Promise<void> {
    const { tell, signal } = this.#context
    const { name } = container
    const healthy = condition === 'service_healthy'
    const reason = healthy ? 'until it is healthy' : 'until it has completed'
    const text = `'${name}' ${reason}`
    this.#pending.add(text)
    tell({ type: 'container', service, name, phase: 'waiting', reason })
    try {
      await (healthy ? untilHealthy : untilCompleted)(container, signal)
    } finally {
      this.#pending.delete(text)
    }
    const exit = healthy ? undefined : (container.exit ?? undefined)
    tell({ type: 'container', service, name, phase: healthy ? 'healthy' : 'exited', exit })
  }
}

const expectations: Readonly<Record<Condition, string>> = {
  service_started: 'could not be started',
  service_healthy: 'is not healthy',
  service_completed_successfully: 'did not complete successfully',
}

interface Failure {
  readonly condition: Condition
  readonly error: unknown
}

// The failure of what is needed further down says more than that of everything above it.
function dependencyFailed(service: string, other: string, { condition, error }: Failure): EngineError {
  if (EngineError.is(error, 'ERR_COMPOSE_DEPENDENCY')) return error
  const why = error instanceof Error ? error.message : String(error)
  return new EngineError({
    code: 'ERR_COMPOSE_DEPENDENCY',
    message: `service '${service}' was not started, since '${other}' ${expectations[condition]}: ${why}`,
    object: other,
    cause: error,
  })
}
