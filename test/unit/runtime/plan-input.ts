// SPDX-License-Identifier: Apache-2.0
import type { ImageConfig } from '../../../src/oci/image-config.js'
import type { ContainerOptions } from '../../../src/runtime/container-options.js'
import { type ContainerPlan, planContainer } from '../../../src/runtime/container-plan.js'
import type { HostFacts } from '../../../src/runtime/host-facts.js'
import type { ResolvedMount } from '../../../src/runtime/resolved-mount.js'

export const id = 'ab'.repeat(32)

/** A machine on which everything can be had. */
export const goodHost: HostFacts = {
  userns: true,
  rootless: false,
  controllers: ['memory', 'swap', 'cpu', 'cpuset', 'pids', 'io', 'devices', 'freeze', 'kill', 'oom'],
  reasons: {},
  kernel: '6.12.0',
  architecture: 'amd64',
  cpus: [0, 1],
}

/** The plan for these options, on that image and machine. */
export const plan = (
  options: ContainerOptions,
  { config = { cmd: ['sh'] }, host = goodHost }: { readonly config?: ImageConfig; readonly host?: HostFacts } = {},
): ContainerPlan =>
  planContainer({
    id,
    options,
    config,
    host,
    mounts: (options.mounts ?? []) as readonly ResolvedMount[],
    devices: { devices: [], block: new Map() },
    etc: {},
  })
