// SPDX-License-Identifier: Apache-2.0
import type { ContainerOptions } from 'tscontainer'
import { composeBytes } from '../canonical/compose-bytes.js'
import type { UlimitModel } from '../model/build-model.js'
import { blockIoLimits } from './block-io-limits.js'
import type { Translation } from './translation.js'

// Zero and below are "no limit" in Docker's options.
const positive = (value: number | undefined): number | undefined =>
  value !== undefined && value > 0 ? value : undefined

/** What it may use, by the keys of a service and by those of `deploy.resources`. */
export function limitOptions(translation: Translation): ContainerOptions {
  const { model } = translation
  const { limits, reservations } = model.deploy?.resources ?? {}
  const pids = model.pids_limit ?? limits?.pids
  const options: ContainerOptions = {
    ...memoryOptions(translation),
    ...cpuOptions(translation),
    memoryReservation: positive(model.mem_reservation ?? reservations?.memory),
    cpuShares: positive(model.cpu_shares),
    cpuset: model.cpuset || undefined,
    pidsLimit: pids === undefined ? undefined : (positive(pids) ?? 'unlimited'),
    io: blockIoLimits(model.blkio_config),
    ulimits: model.ulimits && ulimitsOf(model.ulimits),
    oomScoreAdjust: model.oom_score_adj,
    diskQuota: diskQuotaOf(translation),
  }
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

function memoryOptions({ model, reporter }: Translation): ContainerOptions {
  const { memswap_limit: both } = model
  const memory = positive(model.mem_limit ?? model.deploy?.resources?.limits?.memory)
  if (memory === undefined && positive(both) !== undefined)
    reporter.refuse(['memswap_limit'], 'is memory and swap together, and needs mem_limit beside it')
  const memorySwap = memory === undefined || both === undefined || both === 0 ? undefined : both
  return { memory, memorySwap: memorySwap !== undefined && memorySwap < 0 ? 'unlimited' : memorySwap }
}

const usualPeriodUs = 100_000

function cpuOptions({ model, reporter }: Translation): ContainerOptions {
  const quota = positive(model.cpu_quota)
  const period = positive(model.cpu_period)
  const cpus = positive(model.cpus ?? Number(model.deploy?.resources?.limits?.cpus ?? 0))
  if (cpus !== undefined && quota !== undefined)
    reporter.refuse(['cpu_quota'], 'says what cpus says too', 'leave one of them out')
  return { cpus: quota === undefined ? cpus : quota / (period ?? usualPeriodUs), cpuPeriodUs: period }
}

/** Limits of setrlimit(2) by the names of compose; -1 is none. */
export function ulimitsOf(limits: Readonly<Record<string, UlimitModel>>): ContainerOptions['ulimits'] {
  const value = (limit: number): number | 'unlimited' => (limit < 0 ? 'unlimited' : limit)
  const entries = Object.entries(limits).map(([name, limit]) => {
    if (typeof limit === 'number') return [name, value(limit)] as const
    const { soft = limit.hard ?? -1, hard = soft } = limit
    return [name, { soft: value(soft), hard: value(hard) }] as const
  })
  return Object.fromEntries(entries)
}

function diskQuotaOf({ model, reporter }: Translation): number | undefined {
  const { size, ...others } = model.storage_opt ?? {}
  for (const key of Object.keys(others)) reporter.report(['storage_opt', key], 'the store of images has no such option')
  if (size === undefined) return undefined
  try {
    return composeBytes(size)
  } catch (cause) {
    return reporter.refuse(['storage_opt', 'size'], (cause as Error).message)
  }
}
