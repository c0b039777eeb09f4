// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ContainerOptions } from '../../../src/index.js'
import { has } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
// Root of the host itself, without a user namespace between: there nothing but the cover is in the way.
const kinds: readonly ContainerOptions[] = has('root') ? [{}, { userns: 'host' }] : [{}]
const inside = async (options: ContainerOptions, script: string): Promise<string> => {
  const box = await host.idle(options)
  try {
    return (await box.sh(script, { check: false })).stdout
  } finally {
    await box.remove({ force: true })
  }
}

const settings = [
  '/proc/sys/kernel/core_pattern',
  '/proc/sys/kernel/modprobe',
  '/proc/sys/kernel/hotplug',
  '/proc/sys/kernel/poweroff_cmd',
  '/proc/sys/vm/panic_on_oom',
  '/sys/kernel/uevent_helper',
  '/proc/irq/default_smp_affinity',
] as const
const quietly = (path: string) => readFile(path, 'utf8').catch(() => undefined)
const settingsNow = () => Promise.all(settings.map(quietly))
// For when the defence is off: what was set is set back.
const restore = async (before: readonly (string | undefined)[]): Promise<void> => {
  for (const [index, path] of settings.entries()) {
    const value = before[index]
    if (value !== undefined && value !== (await quietly(path))) await writeFile(path, value).catch(() => {})
  }
}

test.each(kinds)(
  'what would have the kernel run a program of the container’s cannot be written: %o',
  async (options) => {
    const before = await settingsNow()
    try {
      const paths = `${settings.join(' ')} /proc/sysrq-trigger /proc/sys/fs/binfmt_misc/register /proc/acpi/wakeup`
      const script = `for f in ${paths}; do [ -e $f ] && (echo "|/tmp/x" >$f) 2>/dev/null && echo "$f"; done
      for d in /proc/sys /proc/bus /proc/irq /proc/fs /sys; do mount -o remount,rw,bind $d 2>/dev/null && echo "$d remounted"
        umount $d 2>/dev/null && echo "$d uncovered"; done; echo end`
      expect(await inside(options, script)).toBe('end\n')
      expect(await settingsNow()).toEqual(before)
    } finally {
      await restore(before)
    }
  },
)

test.each(kinds)('what tells of the host’s memory, keys and neighbours cannot be read: %o', async (options) => {
  const script = `for f in kcore keys interrupts timer_list timer_stats sched_debug latency_stats; do
      [ -e /proc/$f ] && [ "$(head -c 1 /proc/$f 2>/dev/null | wc -c)" != 0 ] && echo "/proc/$f"; done
    for d in /proc/acpi /proc/scsi /proc/asound /sys/firmware /sys/devices/virtual/powercap; do ls -A $d 2>/dev/null; done
    ls -A -d /sys/devices/system/cpu/cpu*/thermal_throttle/* 2>/dev/null; head -c 1 /dev/kmsg /dev/mem 2>/dev/null; echo end`
  expect(await inside(options, script)).toBe('end\n')
})

const agents = async (): Promise<readonly string[]> => {
  const base = '/sys/fs/cgroup'
  const hierarchies = await readdir(base).catch(() => [])
  return (await Promise.all(hierarchies.map((name) => quietly(join(base, name, 'release_agent'))))).map(String)
}

// CVE-2022-0492; `devices.allow` would give a container disks.
test.each([...kinds, { capabilities: { add: ['SYS_ADMIN'] } }])(
  'control groups take no orders from inside: %o',
  async (options) => {
    const before = await agents()
    const script = `cd /sys/fs/cgroup; for f in $(find . -name release_agent -o -name notify_on_release -o -name devices.allow \\
          -o -name cgroup.procs -o -name memory.limit_in_bytes -o -name memory.max -o -name pids.max -o -name cgroup.kill); do
        (echo 0 >$f) 2>/dev/null && echo "$f"; done
      mkdir -p /tmp/c; for kind in memory pids devices rdma misc; do
        mount -t cgroup -o $kind none /tmp/c 2>/dev/null && { echo "/tmp/x" >/tmp/c/release_agent && echo "agent by $kind"; umount /tmp/c; }
      done 2>/dev/null
      mkdir /sys/fs/cgroup/../cgroup/x 2>/dev/null && echo made; echo end`
    expect(await inside(options, script)).toBe('end\n')
    expect(await agents()).toEqual(before)
  },
)
