// SPDX-License-Identifier: Apache-2.0
import { beginOperation } from '../../image/progress-operation.js'
import type { ProjectProgress, TellProgress } from './project-progress.js'

/**
 * A change of a project that is under way: a promise of its result, and a loop over what happens. It begins at the call. Looping marks the
 * promise as handled; leaving the loop does not end the work, the signal does.
 */
export interface ProjectOperation<T> extends Promise<T>, AsyncIterable<ProjectProgress> {}

/** Begins `work` at once. */
export function beginProjectOperation<T>(
  work: (tell: TellProgress) => Promise<T>,
  listener: ((event: ProjectProgress) => void) | undefined,
): ProjectOperation<T> {
  let count = 0
  return beginOperation<T, ProjectProgress>(
    (report) =>
      work((draft) => {
        const event = { ...draft, time: new Date() } as ProjectProgress
        report(keyOf(event) ?? `event ${count++}`, event)
      }),
    listener,
  )
}

// Of a layer that comes, and of what a build writes, a slow loop may see the last of it only.
function keyOf(event: ProjectProgress): string | undefined {
  if (event.type === 'pull') {
    const { progress } = event
    return `pull ${event.service} ${progress.type} ${progress.type === 'layer' ? progress.digest : ''}`
  }
  if (event.type !== 'build' || event.progress.type !== 'output') return undefined
  return `output ${event.service} ${event.progress.step.id}`
}
