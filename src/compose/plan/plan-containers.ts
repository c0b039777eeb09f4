// SPDX-License-Identifier: Apache-2.0
import { serviceHash } from '../project/config-hash.js'
import { containerName } from '../project/labels.js'
import type { ObservedContainer, ObservedProject } from './observed-project.js'
import { type PlanRequest, wantedCount } from './plan-request.js'
import { networksOf } from './plan-resources.js'
import type { PlannedContainer } from './project-plan.js'
import { sharedNamespaces } from './service-graph.js'

/** What the containers of a service are planned from. */
export interface ContainerPlanning {
  readonly request: PlanRequest
  readonly observed: ObservedProject
  /** Keys of networks that are made anew. */
  readonly renewedNetworks: ReadonlySet<string>
  /** Services that are built or pulled first. */
  readonly renewedImages: ReadonlySet<string>
}

/** What is done to containers of the selected services, in the order of dependencies. */
export function planContainers(planning: ContainerPlanning): readonly PlannedContainer[] {
  const planned = new Map<string, readonly PlannedContainer[]>()
  for (const name of planning.request.selected) planned.set(name, planService(name, planning, planned))
  return [...planned.values()].flat()
}

/** Containers of services that the project has no more. */
export const orphansOf = ({ model, disabled }: PlanRequest, { containers }: ObservedProject) =>
  containers.filter(({ service }) => !Object.hasOwn(model.services, service) && !Object.hasOwn(disabled, service))

type Planned = ReadonlyMap<string, readonly PlannedContainer[]>

function planService(name: string, planning: ContainerPlanning, planned: Planned): readonly PlannedContainer[] {
  const { request, observed } = planning
  if (request.model.services[name]?.provider !== undefined) return []
  const wanted = wantedCount(name, request)
  const there = observed.containers.filter(({ service }) => service === name)
  const reasonOf = recreationOf(name, planning, planned)
  const { kept, removed } = scaledDown(there, wanted, (container) => reasonOf(container) !== undefined)
  const base = { kind: 'container', service: name, conditional: false } as const
  return [
    ...removed.map((container) => ({
      ...base,
      ...identityOf(container),
      action: 'remove' as const,
      reason: `${wanted} are wanted`,
    })),
    ...kept.flatMap((container) => planExisting(container, { reasonOf, planning, planned }) ?? []),
    ...freeNumbers(kept, wanted - kept.length).map((number) => ({
      ...base,
      action: 'create' as const,
      number,
      id: null,
      name: containerName(request.model.name, name, request.model.services[name] ?? {}, number),
      reason: 'it is not there',
    })),
  ]
}

interface Reasons {
  readonly reasonOf: (container: ObservedContainer) => string | undefined
  readonly planning: ContainerPlanning
  readonly planned: Planned
}

function planExisting(
  container: ObservedContainer,
  { reasonOf, planning, planned }: Reasons,
): PlannedContainer | undefined {
  const { request, renewedImages } = planning
  const { service } = container
  const base = { kind: 'container', service, ...identityOf(container), conditional: false } as const
  const reason = reasonOf(container)
  if (reason !== undefined) return { ...base, action: 'recreate', reason }
  const policy = policyOf(service, request)
  if (renewedImages.has(service) && policy !== 'never')
    return { ...base, action: 'recreate', reason: 'its image may be another one', conditional: true }
  if (!request.start) return undefined
  if (container.state === 'paused') return { ...base, action: 'resume', reason: 'it is paused' }
  if (container.state !== 'running')
    return { ...base, action: 'start', reason: container.state === 'created' ? 'it never ran' : 'it has ended' }
  const renewed = restartedWith(service, request, planned)
  return renewed === undefined ? undefined : { ...base, action: 'restart', reason: `'${renewed}' is made anew` }
}

// Compose specification, depends_on: "restart".
function restartedWith(name: string, { model }: PlanRequest, planned: Planned): string | undefined {
  const needs = Object.entries(model.services[name]?.depends_on ?? {})
  return needs.find(([other, { restart }]) => restart && isRenewed(planned.get(other)))?.[0]
}

const isRenewed = (actions: readonly PlannedContainer[] | undefined): boolean =>
  actions?.some(({ action, conditional }) => (action === 'recreate' && !conditional) || action === 'restart') ?? false

function recreationOf(name: string, planning: ContainerPlanning, planned: Planned) {
  const { request, observed, renewedNetworks } = planning
  const service = request.model.services[name] ?? {}
  const hash = serviceHash(service)
  const image = observed.images.get(name) ?? null
  const policy = policyOf(name, request)
  const network = networksOf({ model: request.model, selected: [name] }).find((key) => renewedNetworks.has(key))
  const shared = sharedNamespaces(service).find((other) => isReplaced(planned.get(other)))
  return (container: ObservedContainer): string | undefined => {
    if (network !== undefined) return `its network '${network}' is made anew`
    if (shared !== undefined) return `it shares namespaces with '${shared}', which is made anew`
    if (policy === 'never') return undefined
    if (policy === 'force') return 'asked for'
    if (container.configHash !== hash) return 'its configuration changed'
    if (image !== null && container.imageId !== image) return 'its image changed'
    if (container.mortal) return 'it would end with the process that made it'
    return undefined
  }
}

const isReplaced = (actions: readonly PlannedContainer[] | undefined): boolean =>
  actions?.some(({ action, conditional }) => action === 'recreate' && !conditional) ?? false

const policyOf = (name: string, { asked, recreate, recreateDependencies }: PlanRequest): PlanRequest['recreate'] =>
  asked.includes(name) ? recreate : recreateDependencies

const identityOf = ({ id, name, number }: ObservedContainer) => ({ id, name, number })

// Those that are out of date go first, then the newest.
function scaledDown(
  there: readonly ObservedContainer[],
  wanted: number,
  isOutdated: (container: ObservedContainer) => boolean,
) {
  const byWorth = [...there].sort(
    (one, other) => Number(isOutdated(one)) - Number(isOutdated(other)) || one.number - other.number,
  )
  const kept = byWorth.slice(0, wanted).sort((one, other) => one.number - other.number)
  return { kept, removed: byWorth.slice(wanted) }
}

function freeNumbers(kept: readonly ObservedContainer[], count: number): readonly number[] {
  const taken = new Set(kept.map(({ number }) => number))
  const free: number[] = []
  for (let number = 1; free.length < count; number++) if (!taken.has(number)) free.push(number)
  return free
}
