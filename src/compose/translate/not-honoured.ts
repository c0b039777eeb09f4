// SPDX-License-Identifier: Apache-2.0
import type { Path } from '../document/path.js'
import type { ServiceModel } from '../model/service-model.js'
import type { Translation } from './translation.js'

interface Rule {
  readonly path: Path
  readonly why: string
  readonly when?: (value: unknown) => boolean
}

const cards = 'the engine hands out no graphics cards; what is below /dev can be named in devices'
const realTime = 'no kernel of a distribution groups real-time processes'

/** Keys of a service that never have an effect here. What only other systems and orchestrators have is told when the project is loaded. */
const rules: readonly Rule[] = [
  { path: ['cgroup'], why: 'a container has a cgroup namespace of its own', when: (value) => value !== 'private' },
  { path: ['cgroup_parent'], why: 'cgroups of containers are below that of the engine' },
  { path: ['cpu_rt_period'], why: realTime },
  { path: ['cpu_rt_runtime'], why: realTime },
  { path: ['device_cgroup_rules'], why: 'nodes of devices cannot be made inside; devices has those that are there' },
  { path: ['gpus'], why: cards },
  { path: ['deploy', 'resources', 'reservations', 'devices'], why: cards },
  {
    path: ['deploy', 'resources', 'reservations', 'cpus'],
    why: 'one host sets no processors aside; cpu_shares weighs',
  },
  { path: ['deploy', 'labels'], why: 'they are those of an orchestrator’s service, and containers have labels' },
  { path: ['mem_swappiness'], why: 'cgroups of the second version have no such limit' },
  { path: ['models'], why: 'the engine runs no language models' },
  {
    path: ['oom_kill_disable'],
    why: 'cgroups of the second version have no such switch; oom_score_adj says who goes first',
  },
  {
    path: ['pull_refresh_after'],
    why: 'images whose policy is to be looked for anew now and then are looked for at each up',
  },
  { path: ['runtime'], why: 'the engine runs containers itself' },
  { path: ['use_api_socket'], why: 'there is no socket of a daemon' },
]

/** Reports them. */
export function reportNotHonoured({ model, reporter }: Pick<Translation, 'model' | 'reporter'>): void {
  for (const { path, why, when = isGiven } of rules) {
    const value = valueAt(model, path)
    if (isGiven(value) && when(value)) reporter.report(path, `it has no effect here: ${why}`)
  }
}

const valueAt = (model: ServiceModel, path: Path): unknown =>
  path.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined), model)

// Nothing was asked for by false, null, zero, or an empty list.
const isGiven = (value: unknown): boolean =>
  Boolean(value) && !(typeof value === 'object' && value !== null && Object.keys(value).length === 0)
