// SPDX-License-Identifier: Apache-2.0
import { EngineError, Image, type PullPolicy, type PullProgress } from 'tscontainer'
import { check, checkOptions, type Shape } from '../../util/validate.js'
import type { ServiceModel } from '../model/service-model.js'
import { inDependencyOrder } from '../plan/service-graph.js'
import { imageName } from '../project/labels.js'
import type { RunningProject } from '../run/running-project.js'
import { checkServices, choiceShape, type ServiceChoice } from './service-choice.js'

/** Which images are pulled, and how. */
export interface ProjectPullOptions extends ServiceChoice {
  /** `'always'` by default: registries are asked whether there are newer ones; `'missing'`: only what is not in the store is pulled. */
  readonly policy?: Extract<PullPolicy, 'always' | 'missing'> | undefined
  /** Also those of the services that `services` depend on; false by default. */
  readonly dependencies?: boolean | undefined
  /** False: those that are built here, too, where their services have a name for them; true by default, which leaves them out. */
  readonly ignoreBuildable?: boolean | undefined
  /** Whether an image that cannot be pulled is told in the result, in place of a rejection; false by default. */
  readonly ignoreFailures?: boolean | undefined
  /** Told of everything that happens. */
  readonly onProgress?: ((progress: ProjectPullProgress) => void) | undefined
}

export const projectPullShape: Shape<ProjectPullOptions> = {
  ...choiceShape,
  policy: check.oneOf('always', 'missing'),
  dependencies: check.boolean,
  ignoreBuildable: check.boolean,
  ignoreFailures: check.boolean,
  onProgress: check.function,
}

/** What happens to one image. */
export interface ProjectPullProgress {
  /** Services that it is for. */
  readonly services: readonly string[]
  /** The image's name. */
  readonly reference: string
  /** As of the pull alone. */
  readonly progress: PullProgress
}

/** What became of the image of one service. */
export interface PulledService {
  /** The service's. */
  readonly service: string
  /** The image's name; null where the service has none. */
  readonly reference: string | null
  /** What was pulled, or is there already; null where nothing was. */
  readonly image: Image | null
  /** Why nothing was pulled: `build`: it is built here; `policy`: the service says never; `failed`: see `error`. */
  readonly skipped: 'build' | 'policy' | 'failed' | null
  /** What went wrong, with `ignoreFailures`. */
  readonly error: EngineError | null
}

interface Wanted {
  readonly reference: string
  readonly platform: string | undefined
  readonly services: string[]
}

/** Pulls the images of a project's services, each once and all at the same time. */
export async function pullProjectImages(
  project: RunningProject,
  options: ProjectPullOptions = {},
): Promise<readonly PulledService[]> {
  checkOptions<ProjectPullOptions>(options, projectPullShape)
  checkServices(project, options.services)
  const { services: own } = project.model
  const names = options.services ?? Object.keys(own)
  const chosen = options.dependencies ? inDependencyOrder(project.model.services, names) : names
  const wanted = new Map<string, Wanted>()
  const skipped: PulledService[] = []
  for (const service of chosen) {
    const model = own[service] ?? project.disabled[service]
    if (!model) continue
    const reason = whyNot(model, options)
    if (reason) skipped.push(nothing(service, model.image ?? null, reason))
    else want(wanted, service, { model, reference: imageName(project.origin.name, service, model) })
  }
  const pulled = await Promise.all([...wanted.values()].map((one) => pull(project, one, options)))
  const order = (one: PulledService) => chosen.indexOf(one.service)
  return [...skipped, ...pulled.flat()].sort((one, other) => order(one) - order(other))
}

function whyNot({ image, build, pull_policy: policy }: ServiceModel, { ignoreBuildable = true }: ProjectPullOptions) {
  if (policy === 'never') return 'policy'
  if (policy === 'build' || (build && (ignoreBuildable || image === undefined))) return 'build'
  return undefined
}

const nothing = (service: string, reference: string | null, skipped: 'build' | 'policy'): PulledService => ({
  service,
  reference,
  image: null,
  skipped,
  error: null,
})

function want(
  wanted: Map<string, Wanted>,
  service: string,
  { model, reference }: { readonly model: ServiceModel; readonly reference: string },
): void {
  const key = `${reference} ${model.platform ?? ''}`
  const known = wanted.get(key)
  if (known) known.services.push(service)
  else wanted.set(key, { reference, platform: model.platform, services: [service] })
}

async function pull(
  { engine }: RunningProject,
  { reference, platform, services }: Wanted,
  { policy = 'always', ignoreFailures, onProgress, signal }: ProjectPullOptions,
): Promise<readonly PulledService[]> {
  const result = (image: Image | null, error: EngineError | null) =>
    services.map((service) => ({ service, reference, image, error, skipped: error ? ('failed' as const) : null }))
  try {
    const operation = Image.pull(reference, { engine, policy, platform, signal })
    if (onProgress) for await (const progress of operation) onProgress({ services, reference, progress })
    return result(await operation, null)
  } catch (error) {
    if (!ignoreFailures || !EngineError.is(error)) throw error
    return result(null, error)
  }
}
