// SPDX-License-Identifier: Apache-2.0

const masked = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
] as const

/** Paths that a container can read but not write, as moby has them. */
export const readonlyPaths: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
]

/**
 * Paths that a container cannot even read, as moby has them: memory, keys, and counters that leak what neighbours do.
 * `cpus`: the processors this machine can have (/sys/devices/system/cpu/possible), each of which has such a counter.
 */
export function maskedPaths(cpus: readonly number[] = []): readonly string[] {
  return [...masked, ...cpus.map((cpu) => `/sys/devices/system/cpu/cpu${cpu}/thermal_throttle`)]
}
