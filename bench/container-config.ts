// SPDX-License-Identifier: Apache-2.0
import type { RuntimeSpec } from '../src/oci/runtime-spec.js'
import type { ContainerOptions } from '../src/runtime/container-options.js'
import { planContainer } from '../src/runtime/container-plan.js'
import { machineFacts } from '../src/runtime/host-facts.js'

/** The limits that every measured container has. */
export const limits = { memory: '256MiB', pidsLimit: 512 } as const satisfies ContainerOptions

const host = { userns: false, rootless: false, controllers: ['memory', 'pids', 'cpu', 'devices'], reasons: {} }

/**
 * The OCI config.json that the engine makes for a container of which nothing is asked but limits: for programs that are
 * driven without the public API (the core alone, crun, runc). No user namespace, and without what is ours: masks and
 * seccomp are in it.
 */
export async function containerConfig(args: readonly string[], rootPath = 'rootfs'): Promise<object> {
  const plan = planContainer({
    id: 'be'.repeat(32),
    options: { command: args, ...limits },
    config: {},
    host: { ...host, ...(await machineFacts()) },
    devices: { devices: [], block: new Map() },
    etc: {},
  })
  const linux: RuntimeSpec['linux'] = plan.spec.linux
  return {
    ...plan.spec,
    ociVersion: '1.0.2', // crun of Debian 12 knows no newer one, and nothing newer is used
    root: { path: rootPath, readonly: false },
    linux: { ...linux, ...(plan.seccomp && { seccomp: plan.seccomp }) },
  }
}
