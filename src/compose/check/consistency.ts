// SPDX-License-Identifier: Apache-2.0
import { composeInvalid } from '../document/compose-error.js'
import type { Path } from '../document/path.js'
import type { TreeMap } from '../document/tree.js'
import type { Warnings } from '../document/warning.js'
import type { ProjectModel } from '../model/project-model.js'
import type { ServiceModel } from '../model/service-model.js'
import { checkBuild } from './check-build.js'
import { checkLimits } from './check-limits.js'
import { checkTargets } from './check-targets.js'
import { dependencyCycle } from './dependency-cycle.js'

/** Throws ERR_COMPOSE_INVALID for what is at the path below the service. */
export type RefuseService = (path: Path, problem: string, hint?: string) => never

/** What is checked together. */
export interface CheckedProject {
  readonly model: ProjectModel
  /** Services that no active profile wants. */
  readonly disabled: Readonly<Record<string, ServiceModel>>
  /** The document, which knows where things are written. */
  readonly root: TreeMap
  readonly warnings: Warnings
}

/** Refuses a project that contradicts itself: what is named and not there, what excludes each other, cycles. Throws ERR_COMPOSE_INVALID. */
export function checkConsistency(project: CheckedProject): void {
  const { model, root } = project
  for (const [name, service] of Object.entries(model.services)) {
    const refuse: RefuseService = (path, problem, hint) => {
      throw composeInvalid({ root, path: ['services', name, ...path], problem, hint })
    }
    checkService(name, service, project, refuse)
  }
  checkContainerNames(model, root)
  const dependencies = Object.entries(model.services).map(([name, { depends_on: needs }]) => {
    return [name, Object.keys(needs ?? {}).filter((other) => other in model.services)] as const
  })
  const cycle = dependencyCycle(new Map(dependencies))
  if (cycle === undefined) return
  const path = ['services', cycle[0] as string, 'depends_on', cycle[1] as string]
  throw composeInvalid({ root, path, problem: `dependency cycle detected: ${cycle.join(' -> ')}` })
}

function checkService(name: string, service: ServiceModel, project: CheckedProject, refuse: RefuseService): void {
  const { model } = project
  if (service.build === undefined && service.image === undefined && service.provider === undefined) {
    refuse([], `service "${name}" has neither an image nor a build context specified`, 'give it image: or build:')
  }
  if (service.network_mode !== undefined && Object.keys(service.networks ?? {}).length > 0) {
    refuse(['network_mode'], `service ${name} declares mutually exclusive \`network_mode\` and \`networks\``)
  }
  const undefinedOne = (kind: string, path: Path, other: string, known: object): void => {
    if (other in known) return
    const hint =
      kind.includes('volume') || kind.includes('network') ? `declare it below ${kind}s: at top level` : undefined
    refuse(path, `service "${name}" refers to undefined ${kind} ${other}`, hint)
  }
  for (const network of Object.keys(service.networks ?? {}))
    undefinedOne('network', ['networks', network], network, model.networks)
  for (const [index, { type, source }] of (service.volumes ?? []).entries()) {
    if (type === 'volume' && source) undefinedOne('volume', ['volumes', index], source, model.volumes)
  }
  for (const [index, { source }] of (service.configs ?? []).entries())
    undefinedOne('config', ['configs', index], source, model.configs)
  for (const [index, { source }] of (service.secrets ?? []).entries())
    undefinedOne('secret', ['secrets', index], source, model.secrets)
  for (const other of Object.keys(service.models ?? {})) undefinedOne('model', ['models', other], other, model.models)
  checkBuild(name, service, model, refuse)
  checkDependencies(name, service, project, refuse)
  checkHealthcheck(service, refuse)
  checkLimits(service, refuse)
  checkTargets(name, service, refuse)
}

function checkDependencies(
  name: string,
  service: ServiceModel,
  { model, disabled, root, warnings }: CheckedProject,
  refuse: RefuseService,
): void {
  for (const [other, { required }] of Object.entries(service.depends_on ?? {})) {
    if (other in model.services) continue
    if (required) {
      const { profiles } = disabled[other] ?? {}
      const hint = profiles ? `activate a profile of it (${profiles.join(', ')}), or say required: false` : undefined
      refuse(['depends_on', other], `service "${name}" depends on undefined service "${other}"`, hint)
    }
    const path = ['services', name, 'depends_on', other]
    warnings.add('missing-dependency', `the optional dependency '${other}' of the service '${name}' is not there`, {
      root,
      path,
    })
  }
}

function checkHealthcheck({ healthcheck }: ServiceModel, refuse: RefuseService): void {
  const [kind] = healthcheck?.test ?? []
  if (kind === undefined || ['NONE', 'CMD', 'CMD-SHELL'].includes(kind)) return
  refuse(
    ['healthcheck', 'test'],
    'must start either by "CMD", "CMD-SHELL" or "NONE"',
    'a command in one text is run by a shell',
  )
}

function checkContainerNames(model: ProjectModel, root: TreeMap): void {
  const owners = new Map<string, string>()
  for (const [name, { container_name: container }] of Object.entries(model.services)) {
    if (container === undefined) continue
    const other = owners.get(container)
    if (other !== undefined) {
      const problem = `services ${other} and ${name} have the same container_name ${container}`
      throw composeInvalid({ root, path: ['services', name, 'container_name'], problem })
    }
    owners.set(container, name)
  }
}
