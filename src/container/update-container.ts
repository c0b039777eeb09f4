// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { checkEgressChange, type EgressOptions, egressMessage } from '../network/egress.js'
import { checkRestartOfMortals, containerOptionShape } from '../runtime/check-container-options.js'
import { lookUpDevices } from '../runtime/host-devices.js'
import { checkRate, type Rate, rateMessage } from '../runtime/rate.js'
import { type ResourceOptions, resourcesOf } from '../runtime/resources.js'
import { checkRestartPolicy, type RestartPolicy, restartMessage } from '../runtime/restart-policy.js'
import { checkGivenOptions, type Shape } from '../util/validate.js'
import { type CallOptions, callShape } from './call-options.js'
import { changeEgress } from './change-egress.js'
import { operate, type Subject } from './operate.js'

/** What to change; what is not given stays. */
export type UpdateOptions = ResourceOptions &
  CallOptions & {
    /** When it is started again after its end, from now on; `'no'` also ends a restart that was to come. */
    readonly restart?: RestartPolicy | undefined
    /** How fast it sends and receives from now on; `'unlimited'` ends a limit. ERR_INVALID_ARGUMENT where it has no network of its own. */
    readonly rate?: Rate | undefined
    /** What it may reach outside from now on, in the place of what its networks say; null: what these say. */
    readonly egress?: EgressOptions | null | undefined
  }

const { memory, memorySwap, memoryReservation, cpus, cpuPeriodUs, cpuShares, cpuset, pidsLimit, io } =
  containerOptionShape
const resourceShape: Shape<ResourceOptions> = {
  memory,
  memorySwap,
  memoryReservation,
  cpus,
  cpuPeriodUs,
  cpuShares,
  cpuset,
  pidsLimit,
  io,
}
const shape: Shape<UpdateOptions> = {
  ...callShape,
  ...resourceShape,
  restart: checkRestartPolicy,
  rate: checkRate,
  egress: checkEgressChange,
}

const limits = (options: ResourceOptions) =>
  Object.keys(resourceShape).some((key) => options[key as keyof ResourceOptions] !== undefined)

/**
 * Changes limits of a container that lives, from now on and after each restart, its restart policy at any time; what is not given stays.
 * ERR_LIMIT_UNSUPPORTED as at creation; ERR_INVALID_ARGUMENT where it uses more memory already than it shall have, page cache apart,
 * which is given up for it.
 */
export async function updateContainer(subject: Subject, options: UpdateOptions): Promise<void> {
  checkGivenOptions<UpdateOptions>(options, shape)
  if (options.memorySwap !== undefined && options.memory === undefined)
    throw invalidArgument('memorySwap', 'needs memory beside it')
  const [{ facts }, devices] = await Promise.all([subject.context.supervisor(), lookUpDevices(options)])
  const { memory, ...others } = resourcesOf(options, facts, devices.block)
  // v2 would kill processes until the rest fits.
  const resources = { ...others, ...(memory && { memory: { ...memory, checkBeforeUpdate: true } }) }
  const { restart, rate, egress, signal } = options
  checkRestartOfMortals({ restart, autoRemove: subject.container.record?.autoRemove })
  const args = {
    resources,
    ...(restart && { restart: restartMessage(restart) }),
    ...(rate && { rate: rateMessage(rate) }),
  }
  await operate(subject, { op: 'update', args, action: limits(options) || rate ? 'update' : 'configure', signal })
  if (egress !== undefined) await changeEgress(subject, egress && egressMessage(egress))
}
