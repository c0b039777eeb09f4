// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto'
import type { ContainerOptions } from 'tscontainer'
import { serviceHash } from '../project/config-hash.js'
import { composeLabels, containerLabels, containerName } from '../project/labels.js'
import type { Translation } from './translation.js'

/** What it is called and known by. Tools that read the labels of Docker Compose find it. */
export function identityOptions({ project, request, model }: Translation): ContainerOptions {
  const { service, number, oneoff = false, imageId, detached } = request
  // That of the service as it is written: what overrides say is for this one container.
  const configHash = serviceHash(project.model.services[service] ?? model)
  const labels = containerLabels(project.origin, { service, model, number, oneoff, configHash })
  return {
    name: nameOf({ project, request, model }),
    labels: { ...labels, ...(imageId !== undefined && { [composeLabels.image]: imageId }) },
    ...(model.annotations && { annotations: model.annotations }),
    ...(model.platform && { platform: model.platform }),
    ...(detached && { detached }),
  }
}

function nameOf({ project, request, model }: Pick<Translation, 'project' | 'request' | 'model'>): string {
  const { service, number, oneoff, overrides } = request
  if (oneoff && overrides?.container_name === undefined)
    return `${project.origin.name}-${service}-run-${randomBytes(6).toString('hex')}`
  return containerName(project.origin.name, service, model, number)
}
