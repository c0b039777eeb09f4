// SPDX-License-Identifier: Apache-2.0
import { EngineError } from 'tscontainer'
import { imageName } from '../project/labels.js'
import type { ObservedProject } from './observed-project.js'
import type { PlanRequest } from './plan-request.js'
import type { PlannedImage } from './project-plan.js'

/** What is built or pulled for the services that are selected. ERR_IMAGE_NOT_FOUND for one that may not be. */
export function planImages(request: PlanRequest, observed: ObservedProject): readonly PlannedImage[] {
  return request.selected.flatMap((service) => planImage(service, request, observed) ?? [])
}

function planImage(service: string, request: PlanRequest, observed: ObservedProject): PlannedImage | undefined {
  const { model } = request
  const { build, pull_policy, provider, ...rest } = model.services[service] ?? {}
  if (provider !== undefined) return undefined
  const name = imageName(model.name, service, rest)
  const base = { kind: 'image', service, name } as const
  const isThere = (observed.images.get(service) ?? null) !== null
  const policy = request.pull ?? pull_policy ?? 'missing'
  if (build !== undefined) {
    if (request.build === 'always') return { ...base, action: 'build', reason: 'asked for' }
    if (request.build === 'never') {
      if (isThere) return undefined
      throw notThere(name, service, 'it may not be built here: leave out noBuild')
    }
    if (pull_policy === 'build') return { ...base, action: 'build', reason: 'its pull_policy is build' }
    return isThere ? undefined : { ...base, action: 'build', reason: 'it is not there' }
  }
  if (policy === 'never') {
    if (isThere) return undefined
    throw notThere(name, service, 'it may not be pulled here: pull it first, or say pull_policy: missing')
  }
  if (policy === 'missing' || policy === 'if_not_present' || policy === 'build') {
    return isThere ? undefined : { ...base, action: 'pull', reason: 'it is not there' }
  }
  return { ...base, action: 'pull', reason: `its pull policy is ${policy}` }
}

const notThere = (name: string, service: string, hint: string): EngineError =>
  new EngineError({
    code: 'ERR_IMAGE_NOT_FOUND',
    message: `the image '${name}' of the service '${service}' is not there`,
    object: name,
    hint,
  })
