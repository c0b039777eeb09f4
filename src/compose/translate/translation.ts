// SPDX-License-Identifier: Apache-2.0
import type { ServiceModel } from '../model/service-model.js'
import type { RunningProject } from '../run/running-project.js'
import type { ContainerRequest, ServiceResources } from './container-request.js'
import { Reporter } from './reporter.js'

/** One container on its way from the model to the engine: what every part of the translation is given. */
export interface Translation {
  readonly project: RunningProject
  readonly request: ContainerRequest
  readonly resources: ServiceResources
  /** Of the service, with the overrides of the request. */
  readonly model: ServiceModel
  readonly reporter: Reporter
}

/** The start of a translation. ERR_COMPOSE_INVALID for a service that is not there. */
export function beginTranslation(
  project: RunningProject,
  request: ContainerRequest,
  resources: ServiceResources,
): Translation {
  const { service, overrides = {} } = request
  const reporter = new Reporter(project.model, ['services', service])
  const found = Object.hasOwn(project.model.services, service) ? project.model.services[service] : undefined
  const model = found ?? reporter.refuse([], 'there is no such service')
  return { project, request, resources, reporter, model: { ...model, ...overrides } }
}
