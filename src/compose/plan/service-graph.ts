// SPDX-License-Identifier: Apache-2.0
import { EngineError } from 'tscontainer'
import { quoted } from '../../errors/printable.js'
import type { ServiceModel } from '../model/service-model.js'

type Services = Readonly<Record<string, ServiceModel>>

/** The names of those that the service needs and that are there. */
export const dependenciesOf = (services: Services, name: string): readonly string[] =>
  Object.keys(services[name]?.depends_on ?? {}).filter((other) => Object.hasOwn(services, other))

/** The names of those that need it. */
export const dependentsOf = (services: Services, name: string): readonly string[] =>
  Object.keys(services).filter((other) => Object.hasOwn(services[other]?.depends_on ?? {}, name))

/** The services of these names with all that they need, each after what it needs. The project has no cycles. */
export function inDependencyOrder(services: Services, names: Iterable<string>): readonly string[] {
  const ordered = new Set<string>()
  const open = [...names].reverse()
  const entered = new Set<string>()
  for (let name = open.at(-1); name !== undefined; name = open.at(-1)) {
    const missing = entered.has(name) ? [] : dependenciesOf(services, name).filter((other) => !ordered.has(other))
    entered.add(name)
    if (missing.length > 0) open.push(...missing.reverse())
    else {
      ordered.add(name)
      open.pop()
    }
  }
  return [...ordered]
}

/** Services whose namespaces it has, by `network_mode`, `ipc` and `pid`: it cannot outlive their containers. */
export function sharedNamespaces({ network_mode, ipc, pid }: ServiceModel): readonly string[] {
  const named = [network_mode, ipc, pid].flatMap((mode) => /^service:(.+)$/.exec(mode ?? '')?.[1] ?? [])
  return [...new Set(named)]
}

/** Whether others wait for it to complete: its end is no failure. */
export const isTask = (services: Services, name: string): boolean =>
  Object.values(services).some(({ depends_on: needs }) => needs?.[name]?.condition === 'service_completed_successfully')

/** What selects services. */
export interface ServiceSelection {
  readonly services: Services
  /** Services that no active profile wants. */
  readonly disabled: Services
}

/** The names that were given, or all. ERR_INVALID_ARGUMENT for one that is none. */
export function givenServices(
  { services, disabled }: ServiceSelection,
  names: readonly string[] | undefined,
): readonly string[] {
  for (const name of names ?? []) {
    if (Object.hasOwn(services, name)) continue
    const profiles = Object.hasOwn(disabled, name) ? disabled[name]?.profiles : undefined
    const hint = profiles
      ? `load the project with one of its profiles: ${profiles.join(', ')}`
      : `there are: ${Object.keys(services).sort().join(', ')}`
    const message = `services: there is no service ${quoted(name)}${profiles ? ' in the active profiles' : ''}`
    throw new EngineError({ code: 'ERR_INVALID_ARGUMENT', message, option: 'services', hint })
  }
  return names ?? Object.keys(services)
}
