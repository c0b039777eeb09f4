// SPDX-License-Identifier: Apache-2.0
import type { Platform } from '../../oci/platform.js'
import type { FromInstruction, StageInstruction } from '../dockerfile/instruction.js'
import type { NamedContext } from './graph-options.js'

/** An instruction that will be applied; those of triggers belong to the line that brought them. */
export interface PlannedInstruction {
  readonly instruction: StageInstruction
  /** The trigger's text, for messages; null: it stands in the stage itself. */
  readonly trigger: string | null
}

/** A stage whose place among the others is known. */
export interface StagePlan {
  readonly index: number
  readonly from: FromInstruction
  /** In lower case. */
  readonly name: string | undefined
  /** What it is built on, variables replaced. */
  readonly baseName: string
  /** The stage it is built on; null: an image, or nothing. */
  readonly base: StagePlan | null
  /** As `--platform` says; null: the build's, or that of the stage below. */
  readonly platform: Platform | null
  /** What stands in place of the whole stage. */
  readonly replacement: NamedContext | null
  /** Triggers are put before the others. */
  instructions: readonly PlannedInstruction[]
  /** The stages that it copies from, or mounts. */
  readonly uses: Map<StagePlan, StageInstruction>
  /** Images and contexts that it copies from, or mounts, by the name that is written. */
  readonly sources: Map<string, StageInstruction>
}

/** What a stage is called in messages and histories. */
export function stageTitle({ name, index }: StagePlan): string {
  // Those of a build in code have names that nobody gave them.
  return name === undefined || name.startsWith('#') ? `stage-${index}` : name
}
