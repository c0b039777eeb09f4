// SPDX-License-Identifier: Apache-2.0
import type { ContainerFilter } from '../container/find-container.js'
import type { EventMap, LifecycleEventType } from '../events/engine-event.js'
import type { ContainerOptions } from '../runtime/container-options.js'
import type { BytesExecOptions, ExecOptions } from '../runtime/exec-options.js'
import type { Execution } from '../runtime/execution.js'
import type { Container } from './container.js'

type Listening<R> = <K extends LifecycleEventType>(type: K, listener: (event: EventMap[K]) => void) => R

/**
 * What most programs do with a container, as an interface: a {@link Container} is one, and so is a container of a fake engine
 * (`tscontainer/testing`). Code that takes these can be tested where there is no kernel to run containers.
 */
export interface ContainerHandle
  extends AsyncDisposable,
    Pick<
      Container,
      | 'id'
      | 'name'
      | 'state'
      | 'pid'
      | 'exit'
      | 'createdAt'
      | 'labels'
      | 'start'
      | 'stop'
      | 'kill'
      | 'pause'
      | 'resume'
      | 'restart'
      | 'remove'
      | 'wait'
      | 'logs'
    > {
  /** See {@link Container.exec}. */
  exec(argv: readonly string[], options: BytesExecOptions): Execution<Uint8Array>
  exec(argv: readonly string[], options?: ExecOptions): Execution
  /** See {@link Container.sh}. */
  sh(script: string, options: BytesExecOptions): Execution<Uint8Array>
  sh(script: string, options?: ExecOptions): Execution
  /** See {@link Container.on}. */
  readonly on: Listening<unknown>
  /** See {@link Container.once}. */
  readonly once: Listening<unknown>
  /** See {@link Container.off}. */
  readonly off: Listening<unknown>
}

/** What makes and finds containers, as an interface: {@link Container} itself is one, `createFakeEngine().containers` another. */
export interface ContainerApi {
  /** See {@link Container.create}. */
  create(image: string, options?: ContainerOptions): Promise<ContainerHandle>
  /** See {@link Container.run}. */
  run(image: string, options?: ContainerOptions): Promise<ContainerHandle>
  /** See {@link Container.get}. */
  get(idOrName: string): Promise<ContainerHandle>
  /** See {@link Container.list}. */
  list(filter?: ContainerFilter): Promise<readonly ContainerHandle[]>
}
