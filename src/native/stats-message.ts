// SPDX-License-Identifier: Apache-2.0

/** What `stats` answers: null is what the kernel does not count here. */
export interface StatsResult {
  /** Of the monotonic clock, when it was taken. */
  readonly clockNs: number
  readonly cpuNs: number | null
  readonly cpuUserNs: number | null
  readonly cpuSystemNs: number | null
  readonly throttledNs: number | null
  readonly throttledPeriods: number | null
  readonly memoryBytes: number | null
  readonly memoryPeakBytes: number | null
  readonly memoryLimitBytes: number | null
  readonly workingSetBytes: number | null
  readonly anonymousBytes: number | null
  readonly fileBytes: number | null
  readonly kernelBytes: number | null
  readonly swapBytes: number | null
  readonly pids: number | null
  readonly pidsLimit: number | null
  readonly oomKills: number | null
  readonly io: readonly DeviceIo[] | null
  readonly network: readonly InterfaceTraffic[] | null
  readonly pressure: {
    readonly cpu: Pressure
    readonly memory: Pressure
    readonly io: Pressure
  } | null
}

/** What went to and from one block device. */
export interface DeviceIo {
  /** Its numbers, as in /sys/dev/block: `254:0`. */
  readonly device: string
  /** Bytes that were read from it. */
  readonly readBytes: number
  /** Bytes that were written to it. */
  readonly writtenBytes: number
  /** Operations. */
  readonly reads: number
  /** Operations. */
  readonly writes: number
}

/** One direction of a network interface. */
export interface TrafficCounts {
  /** Headers included. */
  readonly bytes: number
  /** As the kernel handed them over: larger than the wire's, where it joins them. */
  readonly packets: number
  /** Lost to an error. */
  readonly errors: number
  /** Lost for want of room. */
  readonly dropped: number
}

/** What went through one network interface. */
export interface InterfaceTraffic {
  /** As the container sees it: `eth0`, `lo`. */
  readonly name: string
  /** To the container. */
  readonly received: TrafficCounts
  /** From the container. */
  readonly sent: TrafficCounts
}

/** How much of the time tasks waited for a resource (the kernel's pressure stall information). */
export interface PressureShare {
  /** Percent of the last 10 seconds. */
  readonly avg10: number
  /** Percent of the last minute. */
  readonly avg60: number
  /** Percent of the last five minutes. */
  readonly avg300: number
  /** Microseconds since the start. */
  readonly totalUs: number
}

/** The pressure on one resource. */
export interface Pressure {
  /** At least one task waited. */
  readonly some: PressureShare | null
  /** All waited that had something to do. */
  readonly full: PressureShare | null
}

/** When the kernel is to tell of pressure. */
export interface PressureTrigger {
  readonly resource: 'cpu' | 'memory' | 'io'
  readonly kind: 'some' | 'full'
  readonly stallMs: number
  readonly windowMs: number
}
