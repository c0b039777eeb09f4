// SPDX-License-Identifier: Apache-2.0
import type { Container, Network } from 'tscontainer'
import type { PlanRequest } from '../plan/plan-request.js'
import type { ProjectPlan } from '../plan/project-plan.js'
import type { TellProgress } from '../progress/project-progress.js'
import type { AnonymousVolumes } from './anonymous-volumes.js'
import type { ProjectContainer } from './project-containers.js'
import type { ProjectResources } from './project-resources.js'
import type { RunningProject } from './running-project.js'
import type { UpOptions } from './up-options.js'

/** Told of what a call makes, for the handle that has to remove it again. */
export interface Keeper {
  readonly container: (container: Container) => void
  readonly network: (network: Network) => void
}

/** What a plan is carried out with. */
export interface UpContext {
  readonly project: RunningProject
  readonly request: PlanRequest
  readonly plan: ProjectPlan
  readonly options: UpOptions
  readonly tell: TellProgress
  readonly keeper: Keeper
  /** Those that were there when the plan was made, by id. */
  readonly there: ReadonlyMap<string, ProjectContainer>
  /** Those that are gone already, since their network is made anew, by id: what they leave. */
  readonly retired: ReadonlyMap<string, AnonymousVolumes>
  readonly resources: ProjectResources
  /** Aborted: nothing more is begun. */
  readonly signal: AbortSignal
}
