// SPDX-License-Identifier: Apache-2.0
import type { BuildProgress, ExitStatus, PullProgress } from 'tscontainer'
import type { PlanWarning, ProjectPlan } from '../plan/project-plan.js'

/** What every event has. */
export interface ProjectEventBase<Type extends string> {
  /** What it is about. */
  readonly type: Type
  /** When it happened. */
  readonly time: Date
}

/** What is going to be done, first of all; once more when images turned out to be other ones. */
export interface ProjectPlanEvent extends ProjectEventBase<'plan'> {
  /** What is going to be done. */
  readonly plan: ProjectPlan
}

/** Something works, but perhaps not as it was meant. */
export interface ProjectWarningEvent extends ProjectEventBase<'warning'> {
  /** What it is about; `dependency`, an optional one that failed; `hook`, one that has less than it asks for; `image`, one that stays; `property`, one of the files without effect; `update`, of a service, one of whose containers could not be replaced. */
  readonly kind: PlanWarning['kind'] | 'dependency' | 'hook' | 'image' | 'property' | 'update'
  /** Its name: of a container, network, volume or service. */
  readonly name: string
  /** A sentence. */
  readonly message: string
}

/** A network or a volume comes or goes. */
export interface ProjectResourceEvent extends ProjectEventBase<'network' | 'volume'> {
  /** As it is called in the engine. */
  readonly name: string
  /** What is done to it. */
  readonly phase: 'creating' | 'created' | 'removing' | 'removed'
}

/** An image is pulled, built or removed. */
export interface ProjectImageEvent extends ProjectEventBase<'image'> {
  /** Whose image it is. */
  readonly service: string
  /** Its reference. */
  readonly name: string
  /** What is done to it. */
  readonly phase: 'pulling' | 'pulled' | 'building' | 'built' | 'removing' | 'removed'
}

/** What is told of a pull. */
export interface ProjectPullEvent extends ProjectEventBase<'pull'> {
  /** Whose image is pulled. */
  readonly service: string
  /** As of the pull alone. */
  readonly progress: PullProgress
}

/** What is told of a build. */
export interface ProjectBuildEvent extends ProjectEventBase<'build'> {
  /** Whose image is built. */
  readonly service: string
  /** As of the build alone. */
  readonly progress: BuildProgress
}

/** What can be told of a container. `waiting`: what it needs is not as it has to be yet. */
export type ProjectContainerPhase =
  | 'waiting'
  | 'creating'
  | 'created'
  | 'recreating'
  | 'starting'
  | 'started'
  | 'healthy'
  | 'exited'
  | 'pausing'
  | 'paused'
  | 'resuming'
  | 'resumed'
  | 'killing'
  | 'killed'
  | 'stopping'
  | 'stopped'
  | 'removing'
  | 'removed'

/** Something is done to a container, or happened to it. */
export interface ProjectContainerEvent extends ProjectEventBase<'container'> {
  /** Whose container it is. */
  readonly service: string
  /** As it is called in the engine. */
  readonly name: string
  /** What is done to it, or happened. */
  readonly phase: ProjectContainerPhase
  /** Why; of one that waits, what for. */
  readonly reason?: string | undefined
  /** Of one that ended by itself. */
  readonly exit?: ExitStatus | undefined
}

/** A command of the service's own runs beside its container. */
export interface ProjectHookEvent extends ProjectEventBase<'hook'> {
  /** Whose command it is. */
  readonly service: string
  /** The container's name. */
  readonly name: string
  /** The key that it is under. */
  readonly hook: 'pre_start' | 'post_start' | 'pre_stop'
  /** Whether it begins or has ended well. */
  readonly phase: 'started' | 'done'
  /** Program and arguments. */
  readonly command: readonly string[]
}

/** What is told while a project is changed. */
export type ProjectProgress =
  | ProjectPlanEvent
  | ProjectWarningEvent
  | ProjectResourceEvent
  | ProjectImageEvent
  | ProjectPullEvent
  | ProjectBuildEvent
  | ProjectContainerEvent
  | ProjectHookEvent

/** An event that has no time yet. */
export type ProjectProgressDraft = ProjectProgress extends infer E
  ? E extends ProjectProgress
    ? Omit<E, 'time'>
    : never
  : never

/** Tells of progress. */
export type TellProgress = (event: ProjectProgressDraft) => void
