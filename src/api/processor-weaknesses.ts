// SPDX-License-Identifier: Apache-2.0
import type { HostWeakness } from '../errors/host-report.js'
import type { HostFiles } from './host-files.js'

const directory = '/sys/devices/system/cpu/vulnerabilities'

/** What containers can learn of each other and of the host through the processor. */
export async function processorWeaknesses(files: HostFiles): Promise<readonly HostWeakness[]> {
  const states = await Promise.all(
    (await files.names(directory)).map(
      async (name) => [name, (await files.text(`${directory}/${name}`)) ?? ''] as const,
    ),
  )
  const open = states.filter(([, state]) => state.startsWith('Vulnerable')).map(([name]) => name)
  const threads = states.filter(([, state]) => state.includes('SMT vulnerable')).map(([name]) => name)
  const off = /(^| )mitigations=off( |$)/.test((await files.text('/proc/cmdline')) ?? '')
  return [
    ...(open.length > 0
      ? [
          {
            feature: 'processor',
            problem: `programs can read what is not theirs through the processor: ${open.join(', ')}`,
            fix: off
              ? 'boot without mitigations=off'
              : 'install the processor’s newest microcode and boot a newer kernel',
          } as const,
        ]
      : []),
    ...(threads.length > 0
      ? [
          {
            feature: 'hyper-threads',
            problem: `two threads of one core can read from each other: ${threads.join(', ')}`,
            fix: 'echo off >/sys/devices/system/cpu/smt/control, or boot with nosmt',
          } as const,
        ]
      : []),
  ]
}
