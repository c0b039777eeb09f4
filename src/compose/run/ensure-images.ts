// SPDX-License-Identifier: Apache-2.0
import { type BuildOptions, Image } from 'tscontainer'
import type { PlannedImage } from '../plan/project-plan.js'
import type { TellProgress } from '../progress/project-progress.js'
import { buildOptions } from '../translate/build-options.js'
import type { RunningProject } from './running-project.js'

/** How images come. */
export interface ImageRun {
  readonly project: RunningProject
  readonly tell: TellProgress
  readonly signal?: AbortSignal | undefined
  /** Of builds, in place of what the files say; `args` beside that. */
  readonly overrides?: BuildOptions | undefined
}

/** Builds and pulls what is planned, each image once; those that are built from others after these, all else at the same time. */
export async function ensureImages(planned: readonly PlannedImage[], run: ImageRun): Promise<void> {
  const works = new Map<string, Promise<void>>()
  const of = (service: string): Promise<void> => {
    const image = planned.find((one) => one.service === service)
    if (image === undefined) return Promise.resolve()
    const known = works.get(image.name) ?? bring(image, run, of)
    works.set(image.name, known)
    return known
  }
  const settled = await Promise.allSettled(planned.map(({ service }) => of(service)))
  const failed = settled.find((one) => one.status === 'rejected')
  if (failed) throw failed.reason
}

async function bring(image: PlannedImage, run: ImageRun, of: (service: string) => Promise<void>): Promise<void> {
  if (image.action === 'pull') return await pullOne(image, run)
  await Promise.all(baseServices(image.service, run.project).map(of))
  await buildOne(image, run)
}

/** Services whose images the build of this one starts from: `additional_contexts: { base: service:base }`. */
export function baseServices(service: string, { model }: RunningProject): readonly string[] {
  const contexts = Object.values(model.services[service]?.build?.additional_contexts ?? {})
  return contexts.flatMap((context) => (context.startsWith('service:') ? [context.slice('service:'.length)] : []))
}

async function pullOne({ service, name }: PlannedImage, { project, tell, signal }: ImageRun): Promise<void> {
  const { engine, model } = project
  tell({ type: 'image', service, name, phase: 'pulling' })
  const { platform } = model.services[service] ?? {}
  const pull = Image.pull(name, { engine, policy: 'always', platform, signal })
  for await (const progress of pull) tell({ type: 'pull', service, progress })
  tell({ type: 'image', service, name, phase: 'pulled' })
}

async function buildOne(
  { service, name }: PlannedImage,
  { project, tell, signal, overrides }: ImageRun,
): Promise<void> {
  const { engine } = project
  tell({ type: 'image', service, name, phase: 'building' })
  const translated = await buildOptions(project, service)
  if (translated === undefined) return
  const { options, reports } = translated
  for (const { path, message } of reports) tell({ type: 'warning', kind: 'property', name: path, message })
  await Image.build({
    ...options,
    ...overrides,
    args: { ...options.args, ...overrides?.args },
    engine,
    signal,
    onProgress: (progress) => tell({ type: 'build', service, progress }),
  })
  tell({ type: 'image', service, name, phase: 'built' })
}
