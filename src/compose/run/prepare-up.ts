// SPDX-License-Identifier: Apache-2.0
import { planImages } from '../plan/plan-images.js'
import { planProject, planWith } from '../plan/plan-project.js'
import type { PlanRequest } from '../plan/plan-request.js'
import type { ProjectPlan } from '../plan/project-plan.js'
import type { TellProgress } from '../progress/project-progress.js'
import { ensureImages } from './ensure-images.js'
import { type Observation, observeProject } from './observe-project.js'
import { ensureResources } from './project-resources.js'
import { removeOne, stopOne } from './retire-container.js'
import { retireForNetworks } from './retire-for-networks.js'
import type { RunningProject } from './running-project.js'
import type { Keeper, UpContext } from './up-context.js'
import type { UpOptions } from './up-options.js'

/** What is prepared, and how. */
export interface Preparation {
  readonly project: RunningProject
  readonly request: PlanRequest
  readonly options: UpOptions
  readonly tell: TellProgress
  readonly keeper: Keeper
  readonly signal: AbortSignal
}

/** Looks at what there is, and plans. Nothing is done. */
export async function planNow({ project, request, options, tell, signal }: Preparation): Promise<ProjectPlan> {
  const { observed } = await look(project, request, { options, signal })
  const plan = planProject(request, observed)
  tellPlan(plan, tell)
  return plan
}

/** Does all that comes before containers are made: images, networks and volumes are there, what stands in the way is gone. */
export async function prepareUp(preparation: Preparation): Promise<UpContext> {
  const { project, request, options, tell, keeper, signal } = preparation
  const { plan: planned, observation } = await planAfterImages(preparation)
  const there = observation.containers
  for (const warning of planned.warnings) tell({ type: 'warning', ...warning })
  const { plan, volumes: retired } = await retireForNetworks({ project, plan: planned, there, options, tell })
  signal.throwIfAborted()
  const { selected } = request
  const onNetwork = keeper.network
  await removeOrphans(preparation, plan, observation)
  const resources = await ensureResources({ project, plan, selected, tell, signal, onNetwork })
  return { project, request, plan, options, tell, keeper, there, retired, resources, signal }
}

// What containers are made anew is known only when the images are there.
async function planAfterImages({ project, request, options, tell, signal }: Preparation) {
  const observation = await look(project, request, { options, signal })
  const images = planImages(request, observation.observed)
  if (images.length === 0) {
    const plan = planWith([], request, observation.observed)
    tellPlan(plan, tell)
    return { plan, observation }
  }
  tellPlan(planWith(images, request, observation.observed), tell)
  await ensureImages(images, { project, tell, signal })
  const renewed = await look(project, request, { options, signal })
  return { plan: planWith([], request, renewed.observed), observation: renewed }
}

const look = (
  project: RunningProject,
  { selected: services }: PlanRequest,
  { options, signal }: { readonly options: UpOptions; readonly signal: AbortSignal },
): Promise<Observation> => observeProject(project, { services, detached: options.detached ?? false, signal })

const tellPlan = (plan: ProjectPlan, tell: TellProgress): void => tell({ type: 'plan', plan })

async function removeOrphans(
  { project, options, tell }: Preparation,
  plan: ProjectPlan,
  { containers }: Observation,
): Promise<void> {
  const { services } = project.model
  const removals = plan.actions.map(async (action) => {
    if (action.kind !== 'container' || action.id === null || Object.hasOwn(services, action.service)) return
    const container = containers.get(action.id)?.container
    if (container === undefined) return
    const one = { service: action.service, model: undefined, container, tell, timeoutMs: options.timeoutMs }
    await stopOne(one)
    await removeOne(one, project.engine, { volumes: false })
  })
  await Promise.all(removals)
}
