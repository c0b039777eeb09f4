// SPDX-License-Identifier: Apache-2.0
import type { ProjectPlan } from '../plan/project-plan.js'
import type { TellProgress } from '../progress/project-progress.js'
import { followUp } from './follow-up.js'
import { isLoss, losesSome } from './loses-some.js'
import { planRequestOf } from './plan-request-of.js'
import { type Preparation, planNow, prepareUp } from './prepare-up.js'
import { whileLocked } from './project-lock.js'
import type { RunningProject } from './running-project.js'
import { ServiceBringer } from './service-bringer.js'
import { untilUp } from './until-up.js'
import type { Keeper, UpContext } from './up-context.js'
import { UpLimit } from './up-limit.js'
import type { UpOptions } from './up-options.js'

/** What came of it. */
export interface UpResult {
  /** What was done; with `dryRun` what would be. */
  readonly plan: ProjectPlan
  /** Of the container that ended, or of `exitCodeFrom`; null unless one of these was asked for. */
  readonly exitCode: number | null
}

/** How a call is run. */
export interface UpRun {
  readonly options: UpOptions
  readonly tell: TellProgress
  readonly keeper: Keeper
}

interface Up {
  readonly context: UpContext
  readonly bringer: ServiceBringer
}

/** Makes a project what its files say. */
export async function bringUp(project: RunningProject, { options, tell, keeper }: UpRun): Promise<UpResult> {
  const request = planRequestOf(project, options)
  options.signal?.throwIfAborted()
  const limit = new UpLimit(options)
  try {
    const { signal } = limit
    const preparation: Preparation = { project, request, options, tell, keeper, signal }
    if (options.dryRun) return { plan: await planNow(preparation), exitCode: null }
    const since = new Date()
    const { context, bringer } = await whileLocked(project, signal, () => converge(preparation, limit))
    if (options.wait) {
      const pending = new Set<string>()
      limit.pending = () => [...pending].join(', ')
      await untilUp({ request, containers: bringer.containers, tell, signal, pending })
    }
    limit.unlimited()
    const { containers } = bringer
    return {
      plan: context.plan,
      exitCode: await followUp(project, { request, options, containers, since, tell, signal }),
    }
  } finally {
    limit.end()
  }
}

const attempts = 3

// Containers of a process that was killed just now look alive until it is their turn to go: then it is planned anew, without them.
async function converge(preparation: Preparation, whole: UpLimit): Promise<Up> {
  for (let attempt = 1; ; attempt++) {
    const limit = new UpLimit({ signal: whole.signal })
    try {
      const context = await prepareUp({ ...preparation, signal: limit.signal })
      const bringer = new ServiceBringer(context)
      whole.pending = () => bringer.pending
      await bringer.all((error) => limit.stop(error))
      const failed = limit.signal.aborted
      const { reason } = limit.signal
      if (failed && (whole.signal.aborted || !(isLoss(reason) || (await losesSome(context))))) throw reason
      if (!failed && !hasLost(bringer)) return { context, bringer }
      if (attempt === attempts && failed) throw reason
      if (attempt === attempts) return { context, bringer }
    } finally {
      limit.end()
    }
  }
}

const hasLost = ({ containers }: ServiceBringer): boolean =>
  [...containers.values()].some((own) => own.some(({ state }) => state === 'removed'))
