// SPDX-License-Identifier: Apache-2.0
import type { PlanRequest } from '../plan/plan-request.js'
import { givenServices, inDependencyOrder } from '../plan/service-graph.js'
import { refusedOption } from './check-options.js'
import type { RunningProject } from './running-project.js'
import type { UpOptions } from './up-options.js'

/** What these options mean for this project. ERR_INVALID_ARGUMENT for services that it does not have, and names for several containers. */
export function planRequestOf({ model, disabled }: RunningProject, options: UpOptions): PlanRequest {
  const { services } = model
  const asked = givenServices({ services, disabled }, options.services)
  if (Array.isArray(options.attach)) givenServices({ services, disabled }, options.attach)
  if (options.exitCodeFrom !== undefined) givenServices({ services, disabled }, [options.exitCodeFrom])
  const ordered = inDependencyOrder(services, asked)
  return {
    model,
    disabled,
    asked,
    selected: options.noDeps ? ordered.filter((name) => asked.includes(name)) : ordered,
    recreate: options.noRecreate ? 'never' : options.forceRecreate ? 'force' : 'changed',
    recreateDependencies: options.noRecreate ? 'never' : options.alwaysRecreateDeps ? 'force' : 'changed',
    scale: checkedScale(services, options.scale ?? {}),
    start: options.noStart !== true,
    removeOrphans: options.removeOrphans ?? false,
    build: options.build ? 'always' : options.noBuild ? 'never' : 'missing',
    pull: options.pull,
  }
}

function checkedScale(services: RunningProject['model']['services'], scale: Readonly<Record<string, number>>) {
  for (const [name, count] of Object.entries(scale)) {
    const service = Object.hasOwn(services, name) ? services[name] : undefined
    if (service === undefined) throw refusedOption('scale', `there is no service '${name}'`)
    if (count > 1 && service.container_name !== undefined)
      throw refusedOption('scale', `'${name}' has a container_name`, 'a name is for one container')
  }
  return scale
}
