// SPDX-License-Identifier: Apache-2.0
import { EngineError, Network, Volume } from 'tscontainer'
import { networksOf, volumesOf } from '../plan/plan-resources.js'
import type { ProjectPlan } from '../plan/project-plan.js'
import type { TellProgress } from '../progress/project-progress.js'
import { networkOptions } from '../translate/network-options.js'
import { volumeOptions } from '../translate/volume-options.js'
import type { RunningProject } from './running-project.js'

/** What services share, by its key in the project. */
export interface ProjectResources {
  readonly networks: ReadonlyMap<string, Network>
  readonly volumes: ReadonlyMap<string, Volume>
}

/** How they are made. */
export interface ResourceRun {
  readonly project: RunningProject
  readonly plan: ProjectPlan
  /** Services that use them. */
  readonly selected: readonly string[]
  readonly tell: TellProgress
  readonly signal?: AbortSignal | undefined
  /** Told of each network that was made. */
  readonly onNetwork: (network: Network) => void
}

/** Makes what is planned, and finds the others. On networks that are made anew is nobody any more. */
export async function ensureResources(run: ResourceRun): Promise<ProjectResources> {
  const { project, plan, selected } = run
  const use = { model: project.model, selected }
  for (const action of plan.actions) {
    if (action.kind !== 'network' || action.action !== 'recreate') continue
    run.tell({ type: 'network', name: action.name, phase: 'removing' })
    await (await Network.get(action.name, { engine: project.engine })).remove()
    run.tell({ type: 'network', name: action.name, phase: 'removed' })
  }
  const networks = networksOf(use).map(async (key) => [key, await networkOf(key, run)] as const)
  const volumes = volumesOf(use).map(async (key) => [key, await volumeOf(key, run)] as const)
  const [found, mounted] = await Promise.all([Promise.all(networks), Promise.all(volumes)])
  const own = found.filter((entry): entry is [string, Network] => entry[1] !== undefined)
  return { networks: new Map(own), volumes: new Map(mounted) }
}

async function networkOf(key: string, run: ResourceRun): Promise<Network | undefined> {
  const { project, plan, tell, signal, onNetwork } = run
  const { engine } = project
  const translated = networkOptions(project, key)
  if (translated.kind === 'mode') return undefined
  if (translated.kind === 'external') return await Network.get(translated.name, { engine, signal })
  const { options, reports } = translated
  const { name = key } = options
  if (!isPlanned(plan, 'network', key)) return await Network.get(name, { engine, signal })
  for (const { path, message } of reports) tell({ type: 'warning', kind: 'property', name: path, message })
  tell({ type: 'network', name, phase: 'creating' })
  const network = await unlessThere(Network.create({ ...options, engine, signal }), () => Network.get(name, { engine }))
  onNetwork(network)
  tell({ type: 'network', name, phase: 'created' })
  return network
}

async function volumeOf(key: string, { project, plan, tell, signal }: ResourceRun): Promise<Volume> {
  const { engine } = project
  const translated = volumeOptions(project, key)
  if (translated.kind === 'external') return await Volume.get(translated.name, { engine, signal })
  const { options } = translated
  const { name = key } = options
  if (!isPlanned(plan, 'volume', key)) return await Volume.get(name, { engine, signal })
  tell({ type: 'volume', name, phase: 'creating' })
  const volume = await unlessThere(Volume.create({ ...options, engine, signal }), () => Volume.get(name, { engine }))
  tell({ type: 'volume', name, phase: 'created' })
  return volume
}

const isPlanned = ({ actions }: ProjectPlan, kind: 'network' | 'volume', key: string): boolean =>
  actions.some((action) => action.kind === kind && action.key === key)

// Another project that has one of the same name was faster.
async function unlessThere<T>(making: Promise<T>, get: () => Promise<T>): Promise<T> {
  try {
    return await making
  } catch (error) {
    if (EngineError.is(error, 'ERR_NAME_IN_USE')) return await get()
    throw error
  }
}
