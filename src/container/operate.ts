// SPDX-License-Identifier: Apache-2.0
import type { Connection } from '../native/connection.js'
import type { OperationName, Operations } from '../native/messages.js'
import type { ContainerContext } from './container-context.js'
import { explained } from './container-error.js'
import { linkTo } from './container-link.js'
import { type ContainerAction, requireLegal } from './container-state.js'
import type { TrackedContainer } from './tracked-container.js'

/** A container, and the engine it is of. */
export interface Subject {
  readonly context: ContainerContext
  readonly container: TrackedContainer
}

export interface Operation<O extends OperationName> {
  readonly op: O
  /** Beside the container itself. */
  readonly args: Omit<Operations[O]['args'], 'container'>
  readonly action: ContainerAction
  readonly signal?: AbortSignal | undefined
  /** Over which connection; that of the container by default. */
  readonly link?: ((context: ContainerContext, container: TrackedContainer) => Promise<Connection>) | undefined
}

/** Asks whoever has the container for one operation, if its state allows it. */
export async function operate<O extends OperationName>(
  { context, container }: Subject,
  { op, args, action, signal, link = linkTo }: Operation<O>,
): Promise<Operations[O]['result']> {
  signal?.throwIfAborted()
  requireLegal(action, container)
  const connection = await link(context, container)
  const failure = { doing: `${action} container '${container.name}'` }
  const all = { ...args, container: container.id } as unknown as Operations[O]['args']
  const { result } = await explained(connection.request(op, all, { signal, failure }), action, container.name)
  return result
}
