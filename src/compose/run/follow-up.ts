// SPDX-License-Identifier: Apache-2.0
import type { Container } from 'tscontainer'
import { onAbort } from '../../util/abort.js'
import type { PlanRequest } from '../plan/plan-request.js'
import { isTask } from '../plan/service-graph.js'
import type { TellProgress } from '../progress/project-progress.js'
import { attachToProject } from '../verbs/attach-to-project.js'
import { stopServices } from './change-state.js'
import type { RunningProject } from './running-project.js'
import type { UpOptions } from './up-options.js'

/** What was brought up, and is followed. */
export interface FollowUp {
  readonly request: PlanRequest
  readonly options: UpOptions
  readonly containers: ReadonlyMap<string, readonly Container[]>
  /** What was written before is not shown. */
  readonly since: Date
  readonly tell: TellProgress
  readonly signal: AbortSignal
}

/** Shows what containers write until all have ended, or until the first has, as the options say. The exit code that was asked for. */
export async function followUp(project: RunningProject, follow: FollowUp): Promise<number | null> {
  const { options } = follow
  const ends = options.abortOnContainerExit || options.exitCodeFrom !== undefined
  const [, exitCode] = await Promise.all([
    options.attach ? show(project, follow) : undefined,
    ends ? firstEnd(project, follow) : null,
  ])
  return exitCode
}

async function show(project: RunningProject, { request, options, since, signal }: FollowUp): Promise<void> {
  const services = options.attach === true ? request.asked : (options.attach as readonly string[])
  await attachToProject(project, { services, since, signal, target: options.output })
}

async function firstEnd(project: RunningProject, follow: FollowUp): Promise<number | null> {
  const { options, containers, tell, signal } = follow
  const first = await firstEnded(follow)
  if (first === undefined) return null
  const { service, container, exit } = first
  tell({ type: 'container', service, name: container.name, phase: 'exited', exit })
  await stopServices(project, { signal, timeoutMs: options.timeoutMs }, tell)
  const [chosen] = containers.get(options.exitCodeFrom ?? '') ?? []
  return chosen?.exit?.code ?? exit.code
}

async function firstEnded({ request, containers, signal }: FollowUp) {
  const { services } = request.model
  const over = new AbortController()
  const stopListening = onAbort(signal, (reason) => over.abort(reason))
  const ends = [...containers].flatMap(([service, own]) =>
    (isTask(services, service) ? [] : own).map(async (container) => {
      return { service, container, exit: await container.wait({ signal: over.signal }) }
    }),
  )
  if (ends.length === 0) return undefined
  for (const end of ends) end.catch(() => {})
  try {
    return await Promise.race(ends)
  } finally {
    stopListening()
    over.abort()
  }
}
