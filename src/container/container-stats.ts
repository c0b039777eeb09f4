// SPDX-License-Identifier: Apache-2.0
import type { StatsResult } from '../native/messages.js'
import { delay } from '../util/delay.js'

/** What a container uses; null where the kernel does not count it here. */
export interface Stats {
  /** When the sample was taken. */
  readonly time: Date
  /** Time of processors. */
  readonly cpu: {
    /** Nanoseconds since its start. */
    readonly totalNs: number | null
    /** Nanoseconds in programs. */
    readonly userNs: number | null
    /** Nanoseconds in the kernel. */
    readonly systemNs: number | null
    /** Nanoseconds in which it was held back by its limit. */
    readonly throttledNs: number | null
    /** Of one processor, since the sample before; null in the first. */
    readonly percent: number | null
  }
  /** Page cache and tmpfs included. */
  readonly memory: {
    /** Now. */
    readonly usageBytes: number | null
    /** The most so far. */
    readonly peakBytes: number | null
    /** Null: no limit. */
    readonly limitBytes: number | null
  }
  /** Processes and threads, now. */
  readonly pids: number | null
  /** Processes that were killed for want of memory. */
  readonly oomKills: number | null
}

/** How to go on sampling. */
export interface Sampling {
  sample(): Promise<StatsResult>
  /** Whether there is nothing more to sample. */
  ended(): boolean
  readonly intervalMs: number
  readonly signal?: AbortSignal | undefined
}

/** One sample at once, then one each interval until the container ends. */
export async function* statsStream({ sample, ended, intervalMs, signal }: Sampling): AsyncGenerator<Stats, void> {
  let before: Stats | undefined
  for (;;) {
    signal?.throwIfAborted()
    let result: StatsResult
    try {
      result = await sample()
    } catch (error) {
      if (ended()) return
      throw error
    }
    before = toStats(result, before)
    yield before
    await delay(intervalMs, signal)
    if (ended()) return
  }
}

function toStats(result: StatsResult, before: Stats | undefined): Stats {
  const time = new Date()
  return {
    time,
    cpu: {
      totalNs: result.cpuNs,
      userNs: result.cpuUserNs,
      systemNs: result.cpuSystemNs,
      throttledNs: result.throttledNs,
      percent: percent(result.cpuNs, time, before),
    },
    memory: {
      usageBytes: result.memoryBytes,
      peakBytes: result.memoryPeakBytes,
      limitBytes: result.memoryLimitBytes,
    },
    pids: result.pids,
    oomKills: result.oomKills,
  }
}

function percent(cpuNs: number | null, time: Date, before: Stats | undefined): number | null {
  const elapsedMs = time.getTime() - (before?.time.getTime() ?? time.getTime())
  if (cpuNs === null || before === undefined || before.cpu.totalNs === null || elapsedMs <= 0) return null
  return ((cpuNs - before.cpu.totalNs) / (elapsedMs * 1e6)) * 100
}
