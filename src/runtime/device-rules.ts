// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { DeviceRuleSpec } from '../oci/runtime-spec-linux.js'
import type { ContainerOptions } from './container-options.js'
import type { HostDevices } from './host-devices.js'
import type { HostFacts } from './host-facts.js'

/** Whom rules are for. */
export interface DeviceRuleTarget {
  readonly options: Pick<ContainerOptions, 'privileged'>
  readonly host: Pick<HostFacts, 'controllers' | 'reasons'>
  readonly userns: 'private' | 'host'
}

// null zero full random urandom tty ptmx, and every pseudo-terminal.
const defaultDevices: readonly (readonly [number, number])[] = [
  [1, 3],
  [1, 5],
  [1, 7],
  [1, 8],
  [1, 9],
  [5, 0],
  [5, 2],
  [136, -1],
]

/**
 * What a device cgroup is to allow; undefined: there is none. In a user namespace nobody can make device nodes: what is visible is what can
 * be used, and rules are only for devices of which less than that is allowed. ERR_LIMIT_UNSUPPORTED where the host has no rules for these.
 */
export function deviceRules(
  { devices }: Pick<HostDevices, 'devices'>,
  { options, host, userns }: DeviceRuleTarget,
): readonly DeviceRuleSpec[] | undefined {
  if (options.privileged) return undefined
  const restricted = devices.findIndex(({ access }) => !access.includes('r') || !access.includes('w'))
  if (!host.controllers.includes('devices')) {
    if (restricted < 0) return undefined
    throw noRules(restricted, host)
  }
  if (userns === 'private' && restricted < 0) return undefined
  return [
    { allow: false, access: 'rwm' },
    ...defaultDevices.map(([major, minor]) => ({ allow: true, type: 'c' as const, major, minor, access: 'rwm' })),
    ...devices.map(({ type, major, minor, access }) => ({
      allow: true,
      type: type as 'b' | 'c',
      major,
      minor,
      access,
    })),
  ]
}

const noRules = (index: number, { reasons }: DeviceRuleTarget['host']): EngineError =>
  new EngineError({
    code: 'ERR_LIMIT_UNSUPPORTED',
    message: `devices[${index}].permissions: this host cannot hold a device to less than reading and writing`,
    option: `devices[${index}].permissions`,
    object: 'devices',
    hint: reasons.devices ?? reasons[''] ?? 'a device cgroup does it for root: Engine.probe() says what is missing',
  })
