// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { ContainerOptions } from './container-options.js'

type Refusal<T> = (value: T) => string | false

// What is known and well formed, but needs what is still to come: a reason, or false where the value is fine.
const refusals: { readonly [K in keyof ContainerOptions]?: Refusal<NonNullable<ContainerOptions[K]>> } = {
  network: (network) => network === 'bridge' && "networks are not supported yet: 'none', 'host' or another container's",
  ports: (ports) => ports.length > 0 && 'ports cannot be published yet',
  dns: () => 'there is no network whose names could be looked up',
}

/** Refuses with ERR_UNSUPPORTED, naming it, the first option that this version does not honour. */
export function refuseUnsupported(options: ContainerOptions): void {
  for (const key of Object.keys(refusals) as (keyof ContainerOptions)[]) {
    const value = options[key]
    if (value === undefined) continue
    const problem = (refusals[key] as Refusal<unknown>)(value)
    if (problem) throw new EngineError({ code: 'ERR_UNSUPPORTED', message: `${key}: ${problem}`, option: key })
  }
}
