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
  /** Also the volumes that were made for them; those with a name stay. False by default. */
  readonly volumes?: boolean | undefined
  /** Aborted: what is removed stays removed, and the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined
}

const shape: Shape<PruneOptions> = {
  labels: check.recordOf(check.string),
  until: check.date,
  volumes: check.boolean,
  signal: check.signal,
}

/** Removes containers that have ended; returns their ids. */
export async function pruneContainers(
  context: ContainerContext,
  options: PruneOptions = {},
): Promise<readonly string[]> {
  checkOptions<PruneOptions>(options, shape)
  const { labels, until, volumes, signal } = options
  const stopped = await listContainers(context, { states: ['stopped'], labels, signal })
  const removed: string[] = []
  for (const container of stopped) {
    if (container.restartPending) continue
    if (until && (container.exit?.finishedAt ?? new Date(0)) >= until) continue
    await removeContainer({ context, container }, { volumes, signal })
    removed.push(container.id)
  }
  return removed
}
