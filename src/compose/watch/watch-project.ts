// SPDX-License-Identifier: Apache-2.0
import { EngineError } from 'tscontainer'
import { onAbort } from '../../util/abort.js'
import { AsyncQueue } from '../../util/async-queue.js'
import { check, checkOptions, type Shape } from '../../util/validate.js'
import type { RunningProject } from '../run/running-project.js'
import { checkServices, choiceShape, type ServiceChoice } from '../verbs/service-choice.js'
import { type ServiceTools, ServiceWatch } from './service-watch.js'
import type { WatchEvent } from './watch-event.js'
import { watchRules } from './watch-rule.js'

/** What to watch. */
export interface ProjectWatchOptions extends ServiceChoice {
  /** Changes are acted on when nothing has changed for so many milliseconds; 100 by default. */
  readonly quietMs?: number | undefined
}

export const projectWatchShape: Shape<ProjectWatchOptions> = {
  ...choiceShape,
  quietMs: check.integer({ min: 0, max: 60_000 }),
}

/**
 * Watches what `develop.watch` of the services says and does what it says, from the first step of the loop until it is left or the signal aborts: then it
 * rejects with the reason. Files that a build's .dockerignore leaves out do not count, nor what editors and git write for themselves.
 * ERR_INVALID_ARGUMENT where nothing is to be watched, ERR_FILE_NOT_FOUND for a path that is not there.
 */
export function watchProject(
  project: RunningProject,
  tools: ServiceTools,
  options: ProjectWatchOptions = {},
): AsyncGenerator<WatchEvent, void> {
  checkOptions<ProjectWatchOptions>(options, projectWatchShape)
  checkServices(project, options.services)
  return watching(project, tools, options)
}

async function* watching(
  project: RunningProject,
  tools: ServiceTools,
  { services, quietMs = 100, signal }: ProjectWatchOptions,
): AsyncGenerator<WatchEvent, void> {
  signal?.throwIfAborted()
  const over = new AbortController()
  const queue = new AsyncQueue<WatchEvent>()
  const stop = onAbort(signal, (reason) => queue.fail(reason))
  const open: ServiceWatch[] = []
  try {
    for (const [service, model] of Object.entries(project.model.services)) {
      if (services !== undefined && !services.includes(service)) continue
      const rules = await watchRules(service, model)
      if (rules.length === 0) continue
      const parts = {
        project,
        tools,
        signal: over.signal,
        quietMs,
        owner: model.user,
        tell: (event: WatchEvent) => void queue.offer(event),
      }
      open.push(await ServiceWatch.open(service, rules, parts))
    }
    if (open.length === 0) throw nothingToWatch(services)
    yield* queue
  } finally {
    stop()
    over.abort(new Error('over'))
    await Promise.all(open.map((one) => one.close()))
  }
}

function nothingToWatch(services: readonly string[] | undefined): EngineError {
  const whose = services === undefined ? 'no service of the project' : `none of ${services.join(', ')}`
  return new EngineError({
    code: 'ERR_INVALID_ARGUMENT',
    message: `services: ${whose} has anything to be watched`,
    option: 'services',
    hint: 'say what in develop.watch of a service',
  })
}
