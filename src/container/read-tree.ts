// SPDX-License-Identifier: Apache-2.0
import type { Connection } from '../native/connection.js'
import type { TreeReading } from '../native/messages.js'
import { explained } from './container-error.js'
import { linkTo } from './container-link.js'
import { type ContainerAction, requireLegal } from './container-state.js'
import type { Subject } from './operate.js'

/** What to read of a container's files. */
export interface TreeRequest {
  readonly what: TreeReading
  readonly action: ContainerAction
  readonly args?: object | undefined
  /** Where bytes go; it stays the caller's, who may close it once {@link TreeReader.read} has returned. */
  readonly output?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Who can read them. */
export interface TreeReader {
  /** Has a confined worker read; its result (addon/supervisor/tree_request.h). */
  read(request: TreeRequest): Promise<unknown>
}

/** Finds who has the container, if there is still one. */
export async function treeReader({ context, container }: Subject, action: ContainerAction): Promise<TreeReader> {
  requireLegal(action, container)
  const connection: Connection = await linkTo(context, container)
  const { id, name } = container
  return {
    read: async ({ what, args, output, signal }) => {
      const fds = output === undefined ? [] : [output]
      const failure = { doing: `${action} container '${name}'` }
      const onProgress = () => {}
      const message = { container: id, what, ...(args && { args }) }
      const { result } = await explained(
        connection.request('tree', message, { fds, signal, failure, onProgress }),
        action,
        name,
      )
      return result
    },
  }
}
