// SPDX-License-Identifier: Apache-2.0
import type { InstructionBase, StageInstruction, Word } from '../dockerfile/instruction.js'
import { type CallSite, callSite } from './call-site.js'

/** What a stage begins with: the name of an image, another stage, or an image for another platform than the build's. */
export type CodeBase =
  | string
  | CodeStage
  | {
      /** Its name; `scratch` is nothing. */
      readonly image: string
      /** `linux/arm64`. */
      readonly platform?: string | undefined
    }

/** What a step needs to become an instruction. */
export interface StepContext {
  /** The common part of the instruction. */
  readonly base: InstructionBase
  /** A word that stands for itself. */
  word(text: string): Word
  /** What a stage or an image is called by the instruction. */
  nameOf(from: string | CodeStage): Word
}

/** One thing that is done on top of what a stage has; made by the functions that a build function is given. */
export interface CodeStep {
  /** The instruction's name. */
  readonly keyword: string
  /** For messages. */
  readonly text: string
  /** Stages that it takes files from. */
  readonly uses: readonly CodeStage[]
  /** Where it was described; null where that is not known. */
  readonly at?: CallSite | null | undefined
  /** @internal */
  toInstruction(context: StepContext): StageInstruction
}

/** A root and a config, as a value: nothing happens before a build is asked for one. */
export class CodeStage {
  constructor(
    /** What it begins with. */
    readonly base: CodeBase,
    /** What is done on top, in this order. */
    readonly steps: readonly CodeStep[],
    /** Where it was described; null where that is not known. */
    readonly at: CallSite | null = null,
  ) {}

  /** This stage with more done on top. */
  with(...steps: readonly CodeStep[]): CodeStage {
    return new CodeStage(this, steps, callSite(this.with))
  }
}
