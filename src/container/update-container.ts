// SPDX-License-Identifier: Apache-2.0
import { containerOptionShape } from '../runtime/check-container-options.js'
import { lookUpDevices } from '../runtime/host-devices.js'
import { type ResourceOptions, resourcesOf } from '../runtime/resources.js'
import { checkOptions, type Shape } from '../util/validate.js'
import { type CallOptions, callShape } from './call-options.js'
import { operate, type Subject } from './operate.js'

/** Limits to change; what is not given stays. */
export type UpdateOptions = ResourceOptions & CallOptions

const { memory, memorySwap, cpus, cpuShares, cpuset, pidsLimit, io } = containerOptionShape
const shape: Shape<UpdateOptions> = { ...callShape, memory, memorySwap, cpus, cpuShares, cpuset, pidsLimit, io }

/** Changes limits of a container that lives; what is not given stays. ERR_LIMIT_UNSUPPORTED as at creation. */
export async function updateContainer(subject: Subject, options: UpdateOptions): Promise<void> {
  checkOptions<UpdateOptions>(options, shape)
  const [{ facts }, devices] = await Promise.all([subject.context.supervisor(), lookUpDevices(options)])
  const resources = resourcesOf(options, facts, devices.block)
  await operate(subject, { op: 'update', args: { resources }, action: 'update', signal: options.signal })
}
