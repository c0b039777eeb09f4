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
 * driven without the public API (the core alone, crun, runc). Its only lack is the user namespace.
 */
export async function containerConfig(args: readonly string[], rootPath = 'rootfs'): Promise<RuntimeSpec> {
  const plan = planContainer({
    id: 'be'.repeat(32),
    options: { command: args, ...limits },
    mounts: [],
    config: {},
    host: { ...host, ...(await machineFacts()) },
    devices: { devices: [], block: new Map() },
    etc: {},
  })
  const { process, ...spec } = plan.spec
  if (!process) throw new Error('a container without a process')
  return {
    ...spec,
    process,
    ociVersion: '1.0.2', // crun of Debian 12 knows no newer one, and nothing newer is used
    root: { path: rootPath, readonly: false },
    linux: { ...plan.spec.linux, ...(plan.seccomp && { seccomp: plan.seccomp }) },
  }
}
