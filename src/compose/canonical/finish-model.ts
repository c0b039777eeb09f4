// SPDX-License-Identifier: Apache-2.0
import { isMap, makeMap, type Tree, type TreeMap } from '../document/tree.js'
import { contentKey } from '../environment/resolve-environment.js'

/** The last forms, which the schema does not know and nothing is merged over any more, in place. */
export function finishModel(model: TreeMap): void {
  for (const section of ['networks', 'volumes', 'configs', 'secrets', 'models']) model[section] ??= makeMap()
  for (const resource of [...maps(model.configs), ...maps(model.secrets)]) {
    const content = resource[contentKey]
    if (content === undefined) continue
    resource.content = content
    delete resource[contentKey]
  }
  for (const { build } of maps(model.services)) {
    if (!isMap(build) || !isMap(build.ssh)) continue
    build.ssh = Object.entries(build.ssh).map(([id, path]) =>
      makeMap([
        ['id', id],
        ['path', path ?? ''],
      ]),
    )
  }
}

const maps = (value: Tree | undefined): readonly TreeMap[] =>
  isMap(value) ? Object.values(value).filter((entry) => isMap(entry)) : []
