// SPDX-License-Identifier: Apache-2.0
import { isList, isMap, makeMap, type Tree, type TreeMap } from '../document/tree.js'

/** Services that are wanted, and those that no active profile wants. */
export interface SelectedServices {
  readonly enabled: TreeMap
  readonly disabled: TreeMap
}

/** A service without profiles is always wanted; `*` activates all. Compose specification, profiles. */
export function selectServices(services: Tree | undefined, profiles: readonly string[]): SelectedServices {
  const [enabled, disabled] = [makeMap(), makeMap()]
  for (const [name, service] of isMap(services) ? Object.entries(services) : []) {
    const wanted = isMap(service) && isList(service.profiles) ? service.profiles : []
    const isEnabled =
      wanted.length === 0 || profiles.includes('*') || wanted.some((profile) => profiles.includes(String(profile)))
    ;(isEnabled ? enabled : disabled)[name] = service
  }
  return { enabled, disabled }
}
