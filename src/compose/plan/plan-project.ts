// SPDX-License-Identifier: Apache-2.0
import type { ObservedProject } from './observed-project.js'
import { orphansOf, planContainers } from './plan-containers.js'
import { planImages } from './plan-images.js'
import type { PlanRequest } from './plan-request.js'
import { planResources } from './plan-resources.js'
import type { PlannedContainer, PlannedImage, PlanWarning, ProjectPlan } from './project-plan.js'

/**
 * What makes a project, as it was observed, what its files say. Nothing is asked and nothing is done here. Throws for what cannot be had:
 * external networks and volumes, images that may be neither built nor pulled.
 */
export function planProject(request: PlanRequest, observed: ObservedProject): ProjectPlan {
  return planWith(planImages(request, observed), request, observed)
}

/** Likewise once the images are there. */
export function planWith(
  images: readonly PlannedImage[],
  request: PlanRequest,
  observed: ObservedProject,
): ProjectPlan {
  const resources = planResources(request, observed)
  const renewed = resources.actions.filter(({ action }) => action === 'recreate').map(({ key }) => key)
  const containers = planContainers({
    request,
    observed,
    renewedNetworks: new Set(renewed),
    renewedImages: new Set(images.map(({ service }) => service)),
  })
  const orphans = orphansOf(request, observed)
  return {
    actions: [...resources.actions, ...images, ...(request.removeOrphans ? orphans.map(removal) : []), ...containers],
    warnings: [...resources.warnings, ...(request.removeOrphans ? [] : orphans.map(warning))],
  }
}

const removal = ({ id, name, service, number }: ObservedProject['containers'][number]): PlannedContainer => ({
  kind: 'container',
  action: 'remove',
  service,
  number,
  id,
  name,
  reason: `the project has no service '${service}'`,
  conditional: false,
})

const warning = ({ name, service }: ObservedProject['containers'][number]): PlanWarning => ({
  kind: 'orphan',
  name,
  message: `the container '${name}' is of a service '${service}' that the project has no more; removeOrphans removes it`,
})
