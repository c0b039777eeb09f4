// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import type { CpuSpec, MemorySpec, ResourcesSpec } from '../oci/runtime-spec-linux.js'
import { parseByteSize } from '../util/byte-size.js'
import { type BlockDevices, blockIo } from './block-io.js'
import type { ContainerOptions } from './container-options.js'
import type { HostFacts } from './host-facts.js'

/** The options that are limits, which `update` can change as well. */
export type ResourceOptions = Pick<
  ContainerOptions,
  'memory' | 'memorySwap' | 'memoryReservation' | 'cpus' | 'cpuPeriodUs' | 'cpuShares' | 'cpuset' | 'pidsLimit' | 'io'
>

type Controllers = Pick<HostFacts, 'controllers' | 'reasons'>

const defaultPeriodUs = 100_000
const leastMemory = 512 * 1024
const leastQuotaUs = 1000

/** The limits as an OCI document. What was asked for and cannot be held here is ERR_LIMIT_UNSUPPORTED naming the option. */
export function resourcesOf(options: ResourceOptions, host: Controllers, devices: BlockDevices): ResourcesSpec {
  const memory = { ...memoryOf(options, host), ...reservationOf(options, host) }
  const cpu = cpuOf(options, host)
  const pids = pidsOf(options, host)
  if (options.io) requireController('io', 'io', host)
  return {
    ...(Object.keys(memory).length > 0 && { memory }),
    ...(cpu && { cpu }),
    ...(pids !== undefined && { pids: { limit: pids } }),
    ...(options.io && { blockIO: blockIo(options.io, devices) }),
  }
}

function memoryOf({ memory, memorySwap }: ResourceOptions, host: Controllers): MemorySpec | undefined {
  if (memory === undefined) return undefined
  const limit = parseByteSize(memory, 'memory')
  if (limit < leastMemory)
    throw invalidArgument('memory', `${limit} bytes are too few for any process`, 'at least 512k')
  const swap =
    memorySwap === undefined || memorySwap === 'unlimited' ? memorySwap : parseByteSize(memorySwap, 'memorySwap')
  if (typeof swap === 'number' && swap < limit)
    throw invalidArgument('memorySwap', 'is memory and swap together, so at least memory')
  requireController('memory', 'memory', host)
  if (swap === undefined) return host.controllers.includes('swap') ? { limit, swap: limit } : { limit }
  requireController('swap', 'memorySwap', host)
  return { limit, swap: swap === 'unlimited' ? -1 : swap }
}

function reservationOf({ memory, memoryReservation }: ResourceOptions, host: Controllers): MemorySpec {
  if (memoryReservation === undefined) return {}
  const reservation = parseByteSize(memoryReservation, 'memoryReservation')
  if (memory !== undefined && reservation > parseByteSize(memory, 'memory'))
    throw invalidArgument('memoryReservation', 'is more than memory')
  requireController('memory', 'memoryReservation', host)
  return { reservation }
}

function cpuOf({ cpus, cpuPeriodUs, cpuShares, cpuset }: ResourceOptions, host: Controllers): CpuSpec | undefined {
  if ([cpus, cpuPeriodUs, cpuShares, cpuset].every((option) => option === undefined)) return undefined
  const period = cpuPeriodUs ?? defaultPeriodUs
  if (cpuPeriodUs !== undefined) requireController('cpu', 'cpuPeriodUs', host)
  if (cpus !== undefined) requireController('cpu', 'cpus', host)
  if (cpuShares !== undefined) requireController('cpu', 'cpuShares', host)
  if (cpuset !== undefined) requireController('cpuset', 'cpuset', host)
  return {
    ...(cpus !== undefined && { quota: Math.max(leastQuotaUs, Math.round(cpus * period)) }),
    ...((cpus ?? cpuPeriodUs) !== undefined && { period }),
    ...(cpuShares !== undefined && { shares: cpuShares }),
    ...(cpuset !== undefined && { cpus: cpuset }),
  }
}

function pidsOf({ pidsLimit }: ResourceOptions, host: Controllers): number | undefined {
  if (pidsLimit === undefined) return undefined
  if (pidsLimit === 'unlimited') return host.controllers.includes('pids') ? -1 : undefined
  requireController('pids', 'pidsLimit', host)
  return pidsLimit
}

function requireController(controller: string, option: string, { controllers, reasons }: Controllers): void {
  if (controllers.includes(controller)) return
  const reason = reasons[controller] ?? reasons['']
  throw new EngineError({
    code: 'ERR_LIMIT_UNSUPPORTED',
    message: `${option}: this host cannot hold the limit, since it lacks the cgroup controller ${controller}`,
    option,
    object: controller,
    hint: reason ?? 'Engine.probe() says what is missing and how to get it',
  })
}
