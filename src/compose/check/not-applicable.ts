// SPDX-License-Identifier: Apache-2.0
import type { Path } from '../document/path.js'
import { PathRules } from '../document/path-rules.js'
import { isList, isMap, type Tree, type TreeMap } from '../document/tree.js'
import type { Warnings } from '../document/warning.js'

interface Rule {
  readonly why: string
  readonly when?: (value: Tree) => boolean
}

const orchestrator = 'only an orchestrator of several hosts can honour it'
const windows = 'only Windows has it'
const unnamed = 'outside of the project there is nothing that could bear it'
const external = 'only an orchestrator has drivers for it'

const rules = new PathRules<Rule>([
  ['services.*.deploy.placement', { why: orchestrator }],
  ['services.*.deploy.endpoint_mode', { why: orchestrator }],
  [
    'services.*.deploy.mode',
    { why: orchestrator, when: (value) => typeof value === 'string' && value.startsWith('global') },
  ],
  ['services.*.deploy.resources.reservations.generic_resources', { why: orchestrator }],
  ['services.*.credential_spec', { why: windows }],
  ['services.*.isolation', { why: windows }],
  ['services.*.build.isolation', { why: windows }],
  ['services.*.cpu_count', { why: windows }],
  ['services.*.cpu_percent', { why: windows }],
  [
    'services.*.volumes.*.type',
    { why: `${windows}, or an orchestrator`, when: (value) => value === 'npipe' || value === 'cluster' },
  ],
  ['networks.*.attachable', { why: orchestrator }],
  ['networks.*.driver', { why: orchestrator, when: (value) => value === 'overlay' }],
  ['secrets.*.driver', { why: external }],
  ['secrets.*.template_driver', { why: external }],
  ['secrets.*.labels', { why: unnamed }],
  ['secrets.*.name', { why: unnamed }],
  ['configs.*.labels', { why: unnamed }],
  ['configs.*.name', { why: unnamed }],
  ['configs.*.driver', { why: external }],
  ['configs.*.template_driver', { why: external }],
])

/** Warns of everything in the model that has no effect on one host of Linux. */
export function warnOfNotApplicable(root: TreeMap, warnings: Warnings): void {
  const walk = (value: Tree, path: Path): void => {
    const rule = rules.at(path)
    if (rule !== undefined && (rule.when?.(value) ?? true)) {
      warnings.add('not-applicable', `it has no effect here: ${rule.why}`, { root, path })
    }
    if (isList(value)) for (const [index, entry] of value.entries()) walk(entry, [...path, index])
    else if (isMap(value))
      for (const key of Object.keys(value)) if (!key.startsWith('x-')) walk(value[key] as Tree, [...path, key])
  }
  walk(root, [])
}
