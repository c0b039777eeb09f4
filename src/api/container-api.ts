// SPDX-License-Identifier: Apache-2.0
import type { ContainerState } from '../container/container-state.js'
import type { ContainerFilter } from '../container/find-container.js'
import type { ExitStatus } from '../errors/exit-status.js'
import type { EventMap, LifecycleEventType } from '../events/engine-event.js'
import type { ContainerOptions } from '../runtime/container-options.js'
import type { BytesExecOptions, ExecOptions } from '../runtime/exec-options.js'
import type { Execution } from '../runtime/execution.js'
import type { Container } from './container.js'

/**
 * What most programs do with a container, as an interface: a {@link Container} is one, and so is a container of a fake engine
 * (`tscontainer/testing`). Code that takes these can be tested where there is no kernel to run containers.
 */
export interface ContainerHandle
  extends AsyncDisposable,
    Pick<Container, 'start' | 'stop' | 'kill' | 'pause' | 'resume' | 'restart' | 'remove' | 'wait' | 'logs'> {
  /** 64 hex digits. */
  readonly id: string
  /** Unique in its engine. */
  readonly name: string
  /** Changes before the event that tells of it. */
  readonly state: ContainerState
  /** The host's number of its first process; null while there is none. */
  readonly pid: number | null
  /** How it ended; null before. */
  readonly exit: ExitStatus | null
  /** When its record was written. */
  readonly createdAt: Date
  /** The image's labels with its own over them. */
  readonly labels: Readonly<Record<string, string>>
  /** See {@link Container.exec}. */
  exec(argv: readonly string[], options: BytesExecOptions): Execution<Uint8Array>
  /** See {@link Container.exec}. */
  exec(argv: readonly string[], options?: ExecOptions): Execution
  /** See {@link Container.sh}. */
  sh(script: string, options: BytesExecOptions): Execution<Uint8Array>
  /** See {@link Container.sh}. */
  sh(script: string, options?: ExecOptions): Execution
  /** See {@link Container.on}. */
  on<K extends LifecycleEventType>(type: K, listener: (event: EventMap[K]) => void): unknown
  /** See {@link Container.once}. */
  once<K extends LifecycleEventType>(type: K, listener: (event: EventMap[K]) => void): unknown
  /** See {@link Container.off}. */
  off<K extends LifecycleEventType>(type: K, listener: (event: EventMap[K]) => void): unknown
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
