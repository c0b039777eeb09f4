// SPDX-License-Identifier: Apache-2.0
import type { Platform } from '../../oci/platform.js'
import type { Dockerfile } from '../dockerfile/parse-dockerfile.js'
import { lintImagePlatform } from '../lint/lint-from.js'
import { ApplyContext, type BuildFacts } from './apply-context.js'
import { applyInstruction } from './apply-instruction.js'
import type { FoundSource, ImageSources } from './image-sources.js'
import { ImageState } from './image-state.js'
import { linkStage, type StageNames } from './link-stages.js'
import { originOf } from './origin-of.js'
import { checkCycles, reachableFrom } from './reach.js'
import { type PlannedInstruction, type StagePlan, stageTitle } from './stage-plan.js'
import { StageState } from './stage-state.js'
import { parseTriggers, triggerError } from './triggers.js'
import type { Origin, Vertex } from './vertex.js'

/** In all stages together: a few lines may build on an image that has as many as it likes. */
const maxTriggers = 2000

/** Turns planned stages into vertices. */
export class StageBuilder {
  private readonly bases = new Map<StagePlan, FoundSource>()
  private readonly sources = new Map<string, Vertex>()
  private readonly states = new Map<StagePlan, StageState>()
  private triggerCount = 0

  constructor(
    private readonly file: Dockerfile,
    private readonly names: StageNames,
    private readonly images: ImageSources,
    private readonly build: BuildFacts,
    private readonly platform: Platform,
  ) {}

  /** Finds the images below these stages and those they need; their triggers can make them need more. */
  async prepare(starts: readonly StagePlan[]): Promise<readonly StagePlan[]> {
    const { source } = this.file
    const done = new Set<StagePlan>()
    for (;;) {
      const reachable = reachableFrom(starts)
      const fresh = reachable.filter((plan) => !done.has(plan))
      if (fresh.length === 0) {
        await Promise.all(reachable.flatMap((plan) => this.findSources(plan)))
        return reachable
      }
      await Promise.all(fresh.map((plan) => this.findBase(plan)))
      for (const plan of fresh) {
        done.add(plan)
        const texts = this.triggersFor(plan)
        if (texts.length === 0) continue
        this.countTriggers(plan, texts.length)
        const triggers = parseTriggers(texts, plan.from, source)
        plan.instructions = [...triggers, ...plan.instructions]
        linkStage(plan, this.names, source)
        checkCycles(this.names.plans, source)
      }
    }
  }

  /** Applies all instructions of a stage; those that it needs come before. */
  apply(plan: StagePlan): StageState {
    const below = plan.base ? this.states.get(plan.base) : undefined
    const found = this.bases.get(plan)
    const vertex = below?.vertex ?? found?.vertex
    const image = below ? ImageState.on(below.image) : found?.image
    if (!vertex || !image)
      throw this.file.source.fail(plan.from.range.start, 'what the stage is built on was not found')
    if (found?.platform) lintImagePlatform(this.build.linter, plan.from, image.platform, found.platform)
    const state = new StageState(stageTitle(plan), vertex, image, below ?? null)
    this.states.set(plan, state)
    for (const planned of plan.instructions) this.applyOne(plan, state, planned)
    return state
  }

  private countTriggers(plan: StagePlan, count: number): void {
    this.triggerCount += count
    if (this.triggerCount <= maxTriggers) return
    throw this.file.source.fail(
      plan.from.base.position,
      `the images below bring more than ${maxTriggers} ONBUILD triggers`,
    )
  }

  private applyOne(plan: StagePlan, state: StageState, { instruction, trigger }: PlannedInstruction): void {
    const { source, escapeChar } = this.file
    const facts = {
      escapeChar,
      resolve: (name: string) => this.vertexOf(plan, name),
      fail: (position: { readonly line: number; readonly column: number }, problem: string, hint?: string) =>
        source.fail(trigger === null ? position : plan.from.base.position, problem, { hint }),
    }
    try {
      applyInstruction(new ApplyContext(instruction, state, this.build, facts))
    } catch (error) {
      throw trigger === null ? error : triggerError(error, trigger, plan.from, source)
    }
  }

  private vertexOf(plan: StagePlan, name: string): Vertex | null {
    const stage = this.names.find(name)
    if (!stage) return this.sources.get(name) ?? null
    return stage.index < plan.index ? (this.states.get(stage)?.vertex ?? null) : null
  }

  private triggersFor(plan: StagePlan): readonly string[] {
    if (!plan.base) return this.bases.get(plan)?.triggers ?? []
    return plan.base.instructions.flatMap(({ instruction }) =>
      instruction.kind === 'onbuild' ? instruction.trigger : [],
    )
  }

  private async findBase(plan: StagePlan): Promise<void> {
    if (plan.base) return
    const { from, replacement, baseName } = plan
    const platform = plan.platform ?? this.platform
    const name = replacement?.kind === 'context' ? (plan.name ?? baseName) : baseName
    const request = { name, platform, position: from.base.position, origin: this.originOf(plan), replacement }
    this.bases.set(plan, await this.images.find(request))
  }

  private findSources(plan: StagePlan): readonly Promise<void>[] {
    return [...plan.sources].map(async ([name, instruction]) => {
      const position =
        instruction.kind === 'copy' && instruction.from ? instruction.from.position : instruction.range.start
      const request = { name, platform: this.platform, position, origin: this.originOf(plan), replacement: null }
      const { vertex } = await this.images.find(request)
      this.sources.set(name, vertex)
    })
  }

  private originOf(plan: StagePlan): Origin {
    return originOf(this.file.source, plan.from, stageTitle(plan))
  }
}
