// SPDX-License-Identifier: Apache-2.0
import { isMap, type Tree, type TreeMap } from '../document/tree.js'

/** Where content from the environment is while the model has to be what the schema allows. */
export const contentKey = 'x-#content'

/** Gives variables without value that of the environment, and secrets and configs of the environment their content, in place. */
export function resolveEnvironment(model: TreeMap, environment: ReadonlyMap<string, string>): void {
  for (const service of maps(model.services)) {
    if (!isMap(service.environment)) continue
    for (const [name, value] of Object.entries(service.environment)) {
      if (value === null) service.environment[name] = environment.get(name) ?? null
    }
  }
  for (const content of [...maps(model.configs), ...maps(model.secrets)]) {
    const value = typeof content.environment === 'string' ? environment.get(content.environment) : undefined
    if (value !== undefined) content[contentKey] = value
  }
}

const maps = (value: Tree | undefined): readonly TreeMap[] => (isMap(value) ? Object.values(value).filter(isMap) : [])
