// SPDX-License-Identifier: Apache-2.0
import type { DeviceIo, InterfaceTraffic, Pressure, StatsResult, TrafficCounts } from '../native/stats-message.js'
import { delay } from '../util/delay.js'

/** What a container uses; null, never 0, where the kernel does not count it here. */
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
    /** Periods of 100 ms in which it was held back by its limit. */
    readonly throttledPeriods: number | null
    /** Of one processor, between the sample before and this one: 200 is two processors. Null in the first. */
    readonly percent: number | null
  }
  /** Bytes now, unless said otherwise. */
  readonly memory: {
    /** Page cache and tmpfs included. */
    readonly usageBytes: number | null
    /** The same without page cache that was not used lately: what cannot be taken back without harm. */
    readonly workingSetBytes: number | null
    /** Heaps and stacks: what belongs to no file. */
    readonly anonymousBytes: number | null
    /** Page cache, tmpfs and shared memory. */
    readonly fileBytes: number | null
    /** What the kernel keeps for it. */
    readonly kernelBytes: number | null
    /** What was swapped out. */
    readonly swapBytes: number | null
    /** The most of `usageBytes` so far. */
    readonly peakBytes: number | null
    /** Null: no limit. */
    readonly limitBytes: number | null
  }
  /**
   * What went to and from block devices, of all together and of each. Counted since the start with cgroup v2, or where the option `io` is
   * given; else since the first sample. With cgroup v1 what is written back from the page cache counts for nobody.
   */
  readonly io:
    | (Omit<DeviceIo, 'device'> & {
        /** Those that it used. */
        readonly devices: readonly DeviceIo[]
      })
    | null
  /** What went through its network interfaces, loopback apart, and through each. Null where the network is the host's. */
  readonly network: {
    /** To the container. */
    readonly received: TrafficCounts
    /** From the container. */
    readonly sent: TrafficCounts
    /** Loopback, `lo`, too. */
    readonly interfaces: readonly InterfaceTraffic[]
  } | null
  /** How much it waits for what it needs. Null where the kernel does not measure it: it does with cgroup v2 mounted and psi=1. */
  readonly pressure: {
    /** Waiting for a processor, for its own limit too. */
    readonly cpu: Pressure
    /** Waiting for memory to be freed or read again. */
    readonly memory: Pressure
    /** Waiting for devices. */
    readonly io: Pressure
  } | null
  /** Processes and threads, now. */
  readonly pids: number | null
  /** The most of them that there may be; null: no limit. */
  readonly pidsLimit: number | null
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
  let before: StatsResult | undefined
  for (;;) {
    signal?.throwIfAborted()
    let result: StatsResult
    try {
      result = await sample()
    } catch (error) {
      if (ended()) return
      throw error
    }
    yield toStats(result, before)
    before = result
    await delay(intervalMs, signal)
    if (ended()) return
  }
}

function toStats(result: StatsResult, before: StatsResult | undefined): Stats {
  return {
    time: new Date(),
    cpu: {
      totalNs: result.cpuNs,
      userNs: result.cpuUserNs,
      systemNs: result.cpuSystemNs,
      throttledNs: result.throttledNs,
      throttledPeriods: result.throttledPeriods,
      percent: percent(result, before),
    },
    memory: {
      usageBytes: result.memoryBytes,
      workingSetBytes: result.workingSetBytes,
      anonymousBytes: result.anonymousBytes,
      fileBytes: result.fileBytes,
      kernelBytes: result.kernelBytes,
      swapBytes: result.swapBytes,
      peakBytes: result.memoryPeakBytes,
      limitBytes: result.memoryLimitBytes,
    },
    io: result.io && ioOf(result.io),
    network: result.network && networkOf(result.network),
    pressure: result.pressure,
    pids: result.pids,
    pidsLimit: result.pidsLimit,
    oomKills: result.oomKills,
  }
}

// Both clocks are the kernel's own: how long the answer was on its way plays no part.
function percent(now: StatsResult, before: StatsResult | undefined): number | null {
  if (before === undefined || now.cpuNs === null || before.cpuNs === null) return null
  const elapsedNs = now.clockNs - before.clockNs
  return elapsedNs <= 0 ? null : ((now.cpuNs - before.cpuNs) / elapsedNs) * 100
}

function ioOf(devices: readonly DeviceIo[]): Stats['io'] {
  const sum = (key: Exclude<keyof DeviceIo, 'device'>) => devices.reduce((total, device) => total + device[key], 0)
  return {
    readBytes: sum('readBytes'),
    writtenBytes: sum('writtenBytes'),
    reads: sum('reads'),
    writes: sum('writes'),
    devices,
  }
}

function networkOf(interfaces: readonly InterfaceTraffic[]): Stats['network'] {
  const outward = interfaces.filter(({ name }) => name !== 'lo')
  return {
    received: total(outward.map(({ received }) => received)),
    sent: total(outward.map(({ sent }) => sent)),
    interfaces,
  }
}

function total(counts: readonly TrafficCounts[]): TrafficCounts {
  const sum = (key: keyof TrafficCounts) => counts.reduce((all, each) => all + each[key], 0)
  return { bytes: sum('bytes'), packets: sum('packets'), errors: sum('errors'), dropped: sum('dropped') }
}
