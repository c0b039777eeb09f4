// SPDX-License-Identifier: Apache-2.0
import type { ProjectModel } from '../model/project-model.js'
import type { ServiceModel } from '../model/service-model.js'

/** What is to be planned, and how. */
export interface PlanRequest {
  readonly model: ProjectModel
  /** Services that no active profile wants: their containers are no orphans. */
  readonly disabled: Readonly<Record<string, ServiceModel>>
  /** The services that were asked for. */
  readonly asked: readonly string[]
  /** Those and what they need, in the order of dependencies. */
  readonly selected: readonly string[]
  /** Whose containers are made anew: what changed, all, or none. */
  readonly recreate: 'changed' | 'force' | 'never'
  /** Likewise of services that were not asked for, but are needed. */
  readonly recreateDependencies: 'changed' | 'force' | 'never'
  /** How many containers, in place of what the service says. */
  readonly scale: Readonly<Record<string, number>>
  /** Whether containers are started. */
  readonly start: boolean
  readonly removeOrphans: boolean
  /** Whether what the services are built from is built in any case, or never. */
  readonly build: 'missing' | 'always' | 'never'
  /** When images are pulled, in place of what services say. */
  readonly pull: 'always' | 'missing' | 'never' | undefined
}

/** How many containers a service shall have. */
export const wantedCount = (name: string, { model, scale }: Pick<PlanRequest, 'model' | 'scale'>): number => {
  const service = model.services[name]
  return scale[name] ?? service?.scale ?? service?.deploy?.replicas ?? 1
}
