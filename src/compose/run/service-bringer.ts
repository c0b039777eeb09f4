// SPDX-License-Identifier: Apache-2.0
import type { Container } from 'tscontainer'
import { rolls, updateService } from '../deploy/update-service.js'
import type { ServiceModel } from '../model/service-model.js'
import type { PlannedContainer } from '../plan/project-plan.js'
import { sharedNamespaces } from '../plan/service-graph.js'
import { ConditionWaits } from './condition-waits.js'
import { ContainerActions } from './container-actions.js'
import { runInitContainers } from './run-init-containers.js'
import type { UpContext } from './up-context.js'

type Containers = readonly Container[]

/**
 * Brings services up: each as soon as what it needs is there, all else at the same time. New containers are made at once, so that what is
 * wrong with one is known early; those that replace others when it is their turn, so that the others run until then.
 */
export class ServiceBringer {
  readonly #context: UpContext
  readonly #waits: ConditionWaits
  readonly #actions: ContainerActions
  readonly #containers = new Map<string, Containers>()
  readonly #works = new Map<string, Promise<void>>()

  constructor(context: UpContext) {
    this.#context = context
    this.#actions = new ContainerActions(context, () => this.#thereNow())
    this.#waits = new ConditionWaits(context, {
      started: (service) => this.#started(service),
      containers: (service) => this.#containers.get(service) ?? [],
    })
  }

  /** The containers of services whose turn it was. */
  get containers(): ReadonlyMap<string, Containers> {
    return this.#containers
  }

  /** What is waited for now, as a phrase. */
  get pending(): string {
    return this.#waits.pending
  }

  /** Brings all of the plan up. Calls `failed` at the first failure; resolves when nothing is under way any more. */
  async all(failed: (error: unknown) => void): Promise<void> {
    const works = this.#context.request.selected.map((service) => this.#started(service).catch(failed))
    await Promise.all(works)
  }

  #started(service: string): Promise<void> {
    const known = this.#works.get(service) ?? this.#bring(service)
    this.#works.set(service, known)
    return known
  }

  async #bring(service: string): Promise<void> {
    const { request, signal } = this.#context
    const model = request.model.services[service] ?? {}
    const planned = this.#planned(service)
    const isEarly = !sharesWithOthers(model)
    const [early, ready] = await Promise.allSettled([
      isEarly ? this.#make(planned) : undefined,
      request.start || !isEarly ? this.#waits.untilMet(service) : undefined,
    ])
    for (const one of [ready, early]) if (one.status === 'rejected') throw one.reason
    signal.throwIfAborted()
    const made = (early.status === 'fulfilled' && early.value) || (await this.#make(planned))
    await this.#initialise(service, planned)
    const rolling = rolls(model, planned) ? planned.filter(({ action }) => action === 'recreate') : []
    const others = planned.filter((action) => !rolling.includes(action))
    const changed = await everyOne(others.map((action) => this.#actions.act(action, made.get(action))))
    const updated = await updateService(rolling, this.#context, this.#actions.making())
    this.#containers.set(service, [...this.#kept(service, planned), ...updated, ...changed.flatMap((one) => one ?? [])])
  }

  #planned(service: string): readonly PlannedContainer[] {
    return this.#context.plan.actions.filter(
      (action): action is PlannedContainer => action.kind === 'container' && action.service === service,
    )
  }

  #kept(service: string, planned: readonly PlannedContainer[]): Containers {
    const touched = new Set(planned.map(({ id }) => id))
    const own = [...this.#context.there.values()].filter((one) => one.service === service)
    return own.flatMap(({ container }) => (touched.has(container.id) ? [] : [container]))
  }

  async #make(planned: readonly PlannedContainer[]): Promise<ReadonlyMap<PlannedContainer, Container>> {
    const creations = planned.filter(({ action }) => action === 'create')
    const made = await everyOne(creations.map(async (action) => [action, await this.#actions.create(action)] as const))
    return new Map(made)
  }

  async #initialise(service: string, planned: readonly PlannedContainer[]): Promise<void> {
    if (!this.#context.request.start) return
    const starts = planned.filter(({ action }) => action === 'create' || action === 'recreate' || action === 'start')
    if (starts.length > 0) await runInitContainers(service, starts, this.#actions.making())
  }

  // What was there and is not replaced, and what was made.
  #thereNow(): ReadonlyMap<string, Containers> {
    const found = new Map<string, Containers>(this.#containers)
    for (const { service, container } of this.#context.there.values()) {
      if (this.#containers.has(service) || container.state === 'removed') continue
      found.set(service, [...(found.get(service) ?? []), container])
    }
    return found
  }
}

// These can be made only when the others are there.
const sharesWithOthers = (model: ServiceModel): boolean =>
  sharedNamespaces(model).length > 0 || (model.volumes_from?.length ?? 0) > 0 || (model.links?.length ?? 0) > 0

/** As Promise.all, which leaves behind what is under way when one fails. */
async function everyOne<T>(works: readonly Promise<T>[]): Promise<readonly T[]> {
  const settled = await Promise.allSettled(works)
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason
    return one.value
  })
}
