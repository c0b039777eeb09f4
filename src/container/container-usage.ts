// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { ContainerContext } from './container-context.js'
import { listContainers } from './find-container.js'
import { treeReader } from './read-tree.js'
import type { TrackedContainer } from './tracked-container.js'

/** What the containers of an engine have written. */
export interface ContainerUsage {
  readonly count: number
  readonly bytes: number
  /** Of those that have ended. */
  readonly reclaimableBytes: number
}

/** Has a worker count for each container. */
export async function containerUsage(context: ContainerContext): Promise<ContainerUsage> {
  const usage = { count: 0, bytes: 0, reclaimableBytes: 0 }
  for (const container of await listContainers(context, { all: true })) {
    const bytes = await bytesOf(context, container)
    usage.count++
    usage.bytes += bytes
    if (container.state === 'stopped') usage.reclaimableBytes += bytes
  }
  return usage
}

// One that is removed meanwhile, or being made, counts for nothing.
async function bytesOf(context: ContainerContext, container: TrackedContainer): Promise<number> {
  try {
    const reader = await treeReader({ context, container }, 'diff')
    return ((await reader.read({ what: 'usage', action: 'diff' })) as { readonly bytes: number }).bytes
  } catch (error) {
    const passing = ['ERR_CONTAINER_NOT_FOUND', 'ERR_CONTAINER_STATE', 'ERR_NATIVE']
    if (EngineError.is(error) && passing.includes(error.code)) return 0
    throw error
  }
}
