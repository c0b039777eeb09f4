// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../../errors/invalid-argument.js'
import { quoted } from '../../errors/printable.js'
import type { HistoryEntry, ImageConfig } from '../../oci/image-config.js'
import { hostPlatform, type Platform } from '../../oci/platform.js'
import type { Dockerfile } from '../dockerfile/parse-dockerfile.js'
import { lintFile } from '../lint/lint-file.js'
import { lintDefaultBases } from '../lint/lint-from.js'
import { Linter, type LintWarning } from '../lint/linter.js'
import { optionsOf } from '../lint/options-of.js'
import { didYouMean } from '../suggest.js'
import { globalArguments } from './global-arguments.js'
import type { GraphOptions } from './graph-options.js'
import { ImageSources } from './image-sources.js'
import { linkStage, StageNames } from './link-stages.js'
import { planStages } from './plan-stages.js'
import { platformArguments, proxyVariables } from './platform-arguments.js'
import { checkCycles } from './reach.js'
import { StageBuilder } from './stage-builder.js'
import { type StagePlan, stageTitle } from './stage-plan.js'
import { makeVertex, type Vertex } from './vertex.js'

/** Everything a build does, before anything is done. */
export interface BuildGraph {
  /** The step that makes the root of the image. */
  readonly root: Vertex
  readonly config: ImageConfig
  /** Of the image below and of this one, oldest first. */
  readonly history: readonly HistoryEntry[]
  readonly author: string | undefined
  readonly platform: Platform
  readonly warnings: readonly LintWarning[]
  /** The stages that are built, in the order of the file. */
  readonly stages: readonly string[]
  /** SOURCE_DATE_EPOCH: seconds since 1970. */
  readonly epoch: number | undefined
}

/**
 * Works out what a Dockerfile builds. ERR_DOCKERFILE where that is impossible, ERR_DOCKERFILE_CHECK where the file wants its
 * warnings to be errors, ERR_INVALID_ARGUMENT for an unknown target, and whatever the resolver says of images.
 */
export async function buildGraph(file: Dockerfile, options: GraphOptions): Promise<BuildGraph> {
  const { source } = file
  const buildPlatform = options.buildPlatform ?? hostPlatform()
  const platform = options.platform ?? buildPlatform
  const given = new Map(Object.entries(options.args ?? {}))
  const linter = new Linter(optionsOf(file, given), source.name, options.onWarning)
  const stage = options.target ?? file.stages.at(-1)?.from.name
  const known = platformArguments(buildPlatform, platform, { stage, given })
  lintFile(file, linter)
  lintDefaultBases(file, () => globalArguments(file, known, new Map()), linter)
  const globals = globalArguments(file, known, given)
  const plans = planStages({ file, globals, options, linter })
  const names = new StageNames(plans)
  const target = findTarget(names, options.target)
  for (const plan of plans) linkStage(plan, names, source)
  checkCycles(plans, source)
  const context = makeVertex({ kind: 'context', name: 'context', origin: null })
  const epoch = epochOf(given, globals)
  const proxy = proxyVariables(given)
  const hosts = Object.keys(options.hosts ?? {}).length > 0 ? options.hosts : undefined
  const facts = { source, given, globals, proxy, hosts, context, linter, ignore: options.ignore ?? null, epoch }
  const images = new ImageSources(options, source, names.all)
  const builder = new StageBuilder(file, names, images, facts, platform)
  const reachable = await builder.prepare(options.scope === 'all' ? plans : [target])
  const states = new Map(reachable.map((plan) => [plan, builder.apply(plan)]))
  const state = states.get(target) ?? builder.apply(target)
  for (const [name, value] of Object.entries(options.labels ?? {})) state.image.labels.set(name, value)
  linter.finish()
  return {
    root: state.vertex,
    config: state.image.toConfig(),
    history: state.image.entries,
    author: state.image.author,
    platform: options.platform ?? state.image.platform,
    warnings: linter.warnings,
    stages: reachable.map(stageTitle),
    epoch,
  }
}

function findTarget(names: StageNames, target: string | undefined): StagePlan {
  const plan = target === undefined ? names.plans.at(-1) : names.findNamed(target)
  if (plan) return plan
  const hint = didYouMean(target ?? '', names.all) ?? `there are ${names.all.join(', ') || 'none with a name'}`
  throw invalidArgument('target', `target stage ${quoted(target)} could not be found`, hint)
}

function epochOf(given: ReadonlyMap<string, string>, globals: ReadonlyMap<string, string>): number | undefined {
  const text = given.get('SOURCE_DATE_EPOCH') ?? globals.get('SOURCE_DATE_EPOCH') ?? ''
  if (text === '') return undefined
  if (/^\d{1,11}$/.test(text)) return Number(text)
  throw invalidArgument('args.SOURCE_DATE_EPOCH', `${quoted(text)} is no number of seconds since 1970`)
}
