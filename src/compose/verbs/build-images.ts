// SPDX-License-Identifier: Apache-2.0
import { type BuildOptions, Image } from 'tscontainer'
import { check, checkOptions, type Shape } from '../../util/validate.js'
import type { PlannedImage } from '../plan/project-plan.js'
import { inDependencyOrder } from '../plan/service-graph.js'
import type { ProjectProgress, TellProgress } from '../progress/project-progress.js'
import { imageName } from '../project/labels.js'
import { baseServices, ensureImages } from '../run/ensure-images.js'
import type { RunningProject } from '../run/running-project.js'
import { checkServices, choiceShape, type ServiceChoice } from './service-choice.js'

/** Which images are built, and how. */
export interface ProjectBuildOptions extends ServiceChoice {
  /** Also those of the services that `services` depend on; false by default. Those that are contexts of others are built anyway. */
  readonly dependencies?: boolean | undefined
  /** Does every step again. */
  readonly noCache?: boolean | undefined
  /** Asks registries whether base images have changed. */
  readonly pull?: boolean | undefined
  /** Values of ARG, over those of the files. */
  readonly args?: Readonly<Record<string, string>> | undefined
  /** Told of everything that happens. */
  readonly onProgress?: ((event: ProjectProgress) => void) | undefined
}

export const projectBuildShape: Shape<ProjectBuildOptions> = {
  ...choiceShape,
  dependencies: check.boolean,
  noCache: check.boolean,
  pull: check.boolean,
  args: check.recordOf(check.string),
  onProgress: check.function,
}

/** What was built for one service. */
export interface BuiltService {
  /** The service's. */
  readonly service: string
  /** What was built for it. */
  readonly image: Image
}

/** Refuses what is malformed. */
export function checkProjectBuild(project: RunningProject, options: ProjectBuildOptions): void {
  checkOptions<ProjectBuildOptions>(options, projectBuildShape)
  checkServices(project, options.services)
}

/** Builds the images of services that have a `build`, those that others start from first, all else at the same time. */
export async function buildProjectImages(
  project: RunningProject,
  options: ProjectBuildOptions,
  tell: TellProgress,
): Promise<readonly BuiltService[]> {
  const { dependencies, noCache, pull, args, signal } = options
  const { services } = project.model
  const given = options.services ?? Object.keys(services)
  const chosen = new Set(dependencies ? inDependencyOrder(project.model.services, given) : given)
  for (const service of chosen) for (const base of baseServices(service, project)) chosen.add(base)
  const planned = [...chosen].flatMap((service) => plannedBuild(project, service) ?? [])
  const overrides: BuildOptions = {
    ...(noCache !== undefined && { noCache }),
    ...(pull !== undefined && { pull }),
    ...(args !== undefined && { args }),
  }
  await ensureImages(planned, { project, tell, signal, overrides })
  return await Promise.all(
    planned.map(async ({ service, name }) => ({ service, image: await Image.get(name, { engine: project.engine }) })),
  )
}

function plannedBuild({ model, origin }: RunningProject, service: string): PlannedImage | undefined {
  const own = model.services[service]
  if (own?.build === undefined) return undefined
  const name = imageName(origin.name, service, own)
  return { kind: 'image', action: 'build', service, name, reason: 'asked for' }
}
