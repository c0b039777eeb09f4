// SPDX-License-Identifier: Apache-2.0
import { check, checkOptions, type Shape } from '../util/validate.js'
import type { ContainerContext } from './container-context.js'
import { listContainers } from './find-container.js'
import { removeContainer } from './lifecycle.js'

/** Which stopped containers to remove. */
export interface PruneOptions {
  /** Only those that have these labels, with these values. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** Only those that ended before. */
  readonly until?: Date | undefined
  /** Aborted: what is removed stays removed, and the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined
}

const shape: Shape<PruneOptions> = { labels: check.recordOf(check.string), until: check.date, signal: check.signal }

/** Removes containers that have ended; returns their ids. */
export async function pruneContainers(
  context: ContainerContext,
  options: PruneOptions = {},
): Promise<readonly string[]> {
  checkOptions<PruneOptions>(options, shape)
  const { labels, until, signal } = options
  const stopped = await listContainers(context, { states: ['stopped'], labels, signal })
  const removed: string[] = []
  for (const container of stopped) {
    if (container.restartPending) continue
    if (until && (container.exit?.finishedAt ?? new Date(0)) >= until) continue
    await removeContainer({ context, container }, { signal })
    removed.push(container.id)
  }
  return removed
}
