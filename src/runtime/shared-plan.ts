// SPDX-License-Identifier: Apache-2.0
import type { ImageConfig } from '../oci/image-config.js'
import { deepFrozen } from '../util/plain-data.js'
import type { ContainerOptions } from './container-options.js'
import { type ContainerPlan, type ContainerPlanInput, hostnameOf, planContainer } from './container-plan.js'
import { etcFiles } from './etc-files.js'
import type { HostFacts } from './host-facts.js'
import { kindOf } from './option-kinds.js'
import { withUserMounts } from './user-mounts.js'

interface KnownPlan {
  readonly config: ImageConfig
  readonly host: HostFacts
  readonly plan: ContainerPlan
}

const plans = new WeakMap<ContainerOptions, KnownPlan>()

/** As {@link planContainer}. What all containers of one kind have is planned once, and frozen: each gets its own host name, files and mounts. */
export function sharedPlan(input: ContainerPlanInput): ContainerPlan {
  const kind = kindOf(input.options)
  if (kind === undefined || dependsOnMore(input)) return planContainer(input)
  const { config, host } = input
  let known = plans.get(kind)
  if (known?.config !== config || known.host !== host) {
    known = { config, host, plan: deepFrozen(planContainer({ ...input, options: kind, mounts: [] })) }
    plans.set(kind, known)
  }
  return ownPlan(known.plan, input)
}

// The environment of this process, device nodes of the host, or another container.
function dependsOnMore({ options, joined }: ContainerPlanInput): boolean {
  const { proxy, devices, io } = options
  return joined !== undefined || proxy !== undefined || devices !== undefined || io !== undefined
}

function ownPlan(plan: ContainerPlan, input: ContainerPlanInput): ContainerPlan {
  const hostname = hostnameOf(input)
  const { spec } = plan
  return {
    ...plan,
    spec: {
      ...spec,
      ...(hostname !== undefined && { hostname }),
      ...(input.mounts.length > 0 && { mounts: withUserMounts(spec.mounts, input.mounts) }),
    },
    etc: etcFiles(hostname, input.options, input.etc, input.network),
    shared: plan,
  }
}
