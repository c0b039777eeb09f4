// SPDX-License-Identifier: Apache-2.0
import type { ContainerState } from 'tscontainer'

/** A container as a planner sees it. */
export interface ObservedContainer {
  readonly id: string
  readonly name: string
  readonly service: string
  readonly number: number
  readonly configHash: string
  readonly imageId: string
  readonly state: ContainerState
  /** Whether it ends with the process that made it, although it shall not. */
  readonly mortal: boolean
}

/** What there is of a project before something is done. */
export interface ObservedProject {
  /** Without those of `run`. */
  readonly containers: readonly ObservedContainer[]
  /** Labels of the engine's networks, by name. */
  readonly networks: ReadonlyMap<string, Readonly<Record<string, string>>>
  /** Labels of the engine's volumes, by name. */
  readonly volumes: ReadonlyMap<string, Readonly<Record<string, string>>>
  /** The ids of the images that services are made from, by service; null where there is none yet. */
  readonly images: ReadonlyMap<string, string | null>
}
