// SPDX-License-Identifier: Apache-2.0

/** What every action has. */
export interface PlannedActionBase {
  /** What it is about, as it is called in the engine; of an image its reference. */
  readonly name: string
  /** Why, as a phrase for people. */
  readonly reason: string
}

/** A network is made, or made anew: then the containers on it are, too. */
export interface PlannedNetwork extends PlannedActionBase {
  /** What it is about. */
  readonly kind: 'network'
  /** What is done. */
  readonly action: 'create' | 'recreate'
  /** Its key in the project. */
  readonly key: string
}

/** A volume is made. */
export interface PlannedVolume extends PlannedActionBase {
  /** What it is about. */
  readonly kind: 'volume'
  /** What is done. */
  readonly action: 'create'
  /** Its key in the project. */
  readonly key: string
}

/** The image of a service is built or pulled. */
export interface PlannedImage extends PlannedActionBase {
  /** What it is about. */
  readonly kind: 'image'
  /** What is done. */
  readonly action: 'build' | 'pull'
  /** Whose image it is. */
  readonly service: string
}

/** Something is done to a container. What nothing is done to is not in the plan. */
export interface PlannedContainer extends PlannedActionBase {
  /** What it is about. */
  readonly kind: 'container'
  /** What is done. */
  readonly action: 'create' | 'recreate' | 'start' | 'restart' | 'resume' | 'remove'
  /** Whose container it is. */
  readonly service: string
  /** From 1. */
  readonly number: number
  /** The id of the one that is there; null for one that is made. */
  readonly id: string | null
  /** Whether it depends on what comes of a build or pull: only a container whose image turns out to be another one is made anew. */
  readonly conditional: boolean
}

/** One thing that is to be done. */
export type PlannedAction = PlannedNetwork | PlannedVolume | PlannedImage | PlannedContainer

/** Something that is not as the files say, and is left as it is. */
export interface PlanWarning {
  /** What it is about: `orphan`, a container of a service that the project has no more; the others, which network or volume is used as it is. */
  readonly kind: 'orphan' | 'network' | 'volume'
  /** As it is called in the engine. */
  readonly name: string
  /** A sentence. */
  readonly message: string
}

/** What makes a project what its files say. */
export interface ProjectPlan {
  /** Networks and volumes, images, then containers in the order of their dependencies; what is independent is done at the same time. */
  readonly actions: readonly PlannedAction[]
  /** What is left as it is, although the files say otherwise. */
  readonly warnings: readonly PlanWarning[]
}
