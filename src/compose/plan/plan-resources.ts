// SPDX-License-Identifier: Apache-2.0
import { EngineError } from 'tscontainer'
import { networkHash, volumeHash } from '../project/config-hash.js'
import { composeLabels } from '../project/labels.js'
import { networkMode } from '../translate/network-mode.js'
import type { ObservedProject } from './observed-project.js'
import type { PlanRequest } from './plan-request.js'
import type { PlannedNetwork, PlannedVolume, PlanWarning } from './project-plan.js'

type Labels = Readonly<Record<string, string>>

/** Networks and volumes to be made; those of other projects, or of none, are used as they are, and told. */
export interface ResourcePlan {
  readonly actions: readonly (PlannedNetwork | PlannedVolume)[]
  readonly warnings: readonly PlanWarning[]
}

/** Plans those that selected services use. ERR_NETWORK_NOT_FOUND, ERR_VOLUME_NOT_FOUND for external ones. */
export function planResources(request: PlanRequest, observed: ObservedProject): ResourcePlan {
  const actions: (PlannedNetwork | PlannedVolume)[] = []
  const warnings: PlanWarning[] = []
  for (const key of networksOf(request)) {
    const planned = planNetwork(key, request, observed.networks)
    if (planned === undefined) continue
    if ('message' in planned) warnings.push(planned)
    else actions.push(planned)
  }
  for (const key of volumesOf(request)) {
    const planned = planVolume(key, request, observed.volumes)
    if (planned === undefined) continue
    if ('message' in planned) warnings.push(planned)
    else actions.push(planned)
  }
  return { actions, warnings }
}

/** The keys of the networks that selected services are on. */
export const networksOf = ({ model, selected }: Pick<PlanRequest, 'model' | 'selected'>): readonly string[] =>
  unique(selected.flatMap((name) => Object.keys(model.services[name]?.networks ?? {})))

/** The keys of the volumes that selected services mount. */
export const volumesOf = ({ model, selected }: Pick<PlanRequest, 'model' | 'selected'>): readonly string[] =>
  unique(
    selected
      .flatMap((name) => model.services[name]?.volumes ?? [])
      .flatMap(({ type, source }) => (type === 'volume' && source ? [source] : [])),
  )

function planNetwork(
  key: string,
  { model }: PlanRequest,
  there: ReadonlyMap<string, Labels>,
): PlannedNetwork | PlanWarning | undefined {
  const network = model.networks[key]
  if (network === undefined || networkMode(network) !== undefined) return undefined
  const { name } = network
  const labels = there.get(name)
  if (network.external) {
    if (labels || name === 'bridge') return undefined
    throw missing('ERR_NETWORK_NOT_FOUND', 'network', key, name)
  }
  const base = { kind: 'network', key, name } as const
  if (labels === undefined) return { ...base, action: 'create', reason: 'it is not there' }
  if (labels[composeLabels.project] !== model.name) return foreign('network', name, labels, model.name)
  if (labels[composeLabels.configHash] === networkHash(network)) return undefined
  return { ...base, action: 'recreate', reason: 'its configuration changed' }
}

function planVolume(
  key: string,
  { model }: PlanRequest,
  there: ReadonlyMap<string, Labels>,
): PlannedVolume | PlanWarning | undefined {
  const volume = model.volumes[key]
  if (volume === undefined) return undefined
  const { name } = volume
  const labels = there.get(name)
  if (volume.external) {
    if (labels) return undefined
    throw missing('ERR_VOLUME_NOT_FOUND', 'volume', key, name)
  }
  if (labels === undefined) return { kind: 'volume', action: 'create', key, name, reason: 'it is not there' }
  if (labels[composeLabels.project] !== model.name) return foreign('volume', name, labels, model.name)
  if (labels[composeLabels.configHash] === volumeHash(volume)) return undefined
  const message = `the configuration of the volume '${name}' changed; it is used as it is, since what is in it would be lost`
  return { kind: 'volume', name, message }
}

function foreign(kind: 'network' | 'volume', name: string, labels: Labels, project: string): PlanWarning {
  const owner = labels[composeLabels.project]
  const whose = owner === undefined ? 'by no project' : `by the project '${owner}', not by '${project}'`
  return { kind, name, message: `the ${kind} '${name}' was made ${whose}; say external: true to use it` }
}

function missing(code: 'ERR_NETWORK_NOT_FOUND' | 'ERR_VOLUME_NOT_FOUND', kind: string, key: string, name: string) {
  return new EngineError({
    code,
    message: `the external ${kind} '${name}' (${kind}s.${key}) is not there`,
    object: name,
    hint: `make it first, or leave out external: true for one of the project's own`,
  })
}

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)]
