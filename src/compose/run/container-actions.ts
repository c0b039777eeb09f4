// SPDX-License-Identifier: Apache-2.0
import type { Container } from 'tscontainer'
import type { PlannedContainer } from '../plan/project-plan.js'
import type { ProjectContainerPhase } from '../progress/project-progress.js'
import { containerName } from '../project/labels.js'
import { type AnonymousVolumes, anonymousVolumesOf } from './anonymous-volumes.js'
import { forgetLeft, leftTo, noteLeft } from './left-volumes.js'
import { type Making, makeContainer } from './make-container.js'
import { type Retirement, removeOne, stopOne } from './retire-container.js'
import { runHooks } from './run-hooks.js'
import { startOne } from './start-one.js'
import type { UpContext } from './up-context.js'

/** What is done to single containers. */
export class ContainerActions {
  readonly #context: UpContext
  readonly #others: () => Making['containers']

  /** `others`: the containers of all services, as they are when it is asked. */
  constructor(context: UpContext, others: () => Making['containers']) {
    this.#context = context
    this.#others = others
  }

  /** What containers are made with now. */
  making(): Making {
    const { project, resources, options, tell, signal } = this.#context
    return { project, resources, containers: this.#others(), detached: options.detached ?? false, tell, signal }
  }

  /** Makes a new one. */
  async create({ service, number, id, name, reason }: PlannedContainer): Promise<Container> {
    const retired = id === null ? undefined : this.#context.retired.get(id)
    const inherited = retired ?? (await leftTo(this.#context.project, { service, number }))
    return await this.#make({ service, number, inherited }, { name, reason, phase: 'creating' })
  }

  /** Does what is planned; `made` is the container of a creation. The container that is there now, if any. */
  async act(planned: PlannedContainer, made: Container | undefined): Promise<Container | undefined> {
    const container = made ?? this.#found(planned)
    switch (planned.action) {
      case 'create':
        return await this.#start(planned, container)
      case 'recreate':
        return await this.#start(planned, await this.#replace(planned, container))
      case 'start':
        return await this.#start(planned, container)
      case 'restart':
        await stopOne(this.#retirement(planned, container))
        return await this.#start(planned, container)
      case 'resume':
        await this.#told(planned, ['resuming', 'resumed'], () => container.resume())
        return container
      case 'remove': {
        const retirement = this.#retirement(planned, container)
        await stopOne(retirement)
        await removeOne(retirement, this.#context.project.engine, { volumes: false })
        return undefined
      }
    }
  }

  async #start(planned: PlannedContainer, container: Container): Promise<Container> {
    const { request, tell, signal } = this.#context
    if (!request.start) return container
    signal.throwIfAborted()
    const { service } = planned
    await this.#told({ ...planned, name: container.name }, ['starting', 'started'], () => startOne(container))
    const model = request.model.services[service]
    try {
      await runHooks('post_start', { service, model, container, tell })
    } catch (error) {
      await stopOne({ service, model: undefined, container, tell })
      throw error
    }
    return container
  }

  // The old one has the name, so it goes first.
  async #replace(planned: PlannedContainer, old: Container): Promise<Container> {
    const { project, options, request } = this.#context
    const { service, number, reason } = planned
    const volumes = await anonymousVolumesOf(project.engine, old)
    const inherited: AnonymousVolumes = options.renewAnonVolumes ? new Map() : volumes
    const retirement = this.#retirement(planned, old)
    await stopOne(retirement)
    await noteLeft(project, { service, number }, inherited)
    await removeOne(retirement, project.engine, { volumes: options.renewAnonVolumes ?? false })
    const name = containerName(request.model.name, service, request.model.services[service] ?? {}, number)
    return await this.#make({ service, number, inherited }, { name, reason, phase: 'recreating' })
  }

  async #make(
    wanted: { readonly service: string; readonly number: number; readonly inherited: AnonymousVolumes },
    told: { readonly name: string; readonly reason: string; readonly phase: 'creating' | 'recreating' },
  ): Promise<Container> {
    const { project, tell, keeper } = this.#context
    const { service } = wanted
    tell({ type: 'container', service, ...told })
    const container = await makeContainer(wanted, this.making())
    keeper.container(container)
    if (wanted.inherited.size > 0) await forgetLeft(project, wanted)
    tell({ type: 'container', service, name: container.name, phase: 'created' })
    return container
  }

  async #told(
    { service, name, reason }: PlannedContainer,
    [before, after]: readonly [ProjectContainerPhase, ProjectContainerPhase],
    work: () => Promise<void>,
  ): Promise<void> {
    const { tell } = this.#context
    tell({ type: 'container', service, name, phase: before, reason })
    await work()
    tell({ type: 'container', service, name, phase: after })
  }

  #retirement({ service }: PlannedContainer, container: Container): Retirement {
    const { request, options, tell } = this.#context
    return { service, model: request.model.services[service], container, tell, timeoutMs: options.timeoutMs }
  }

  #found({ id, name }: PlannedContainer): Container {
    const found = id === null ? undefined : this.#context.there.get(id)
    if (found === undefined) throw new Error(`'${name}' was planned, and is not there`)
    return found.container
  }
}
