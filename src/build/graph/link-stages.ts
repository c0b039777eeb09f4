// SPDX-License-Identifier: Apache-2.0
import { expandWord } from '../dockerfile/expand-word.js'
import type { StageInstruction, Word } from '../dockerfile/instruction.js'
import type { SourceText } from '../dockerfile/source-text.js'
import { splitCsv } from '../dockerfile/split-csv.js'
import type { StagePlan } from './stage-plan.js'

/** Finds the stages that names mean: the last of that name, or the one with that number. */
export class StageNames {
  private readonly byName = new Map<string, StagePlan>()

  constructor(readonly plans: readonly StagePlan[]) {
    for (const plan of plans) if (plan.name !== undefined) this.byName.set(plan.name, plan)
  }

  /** Null: it is no stage, but maybe an image or a context. */
  find(name: string): StagePlan | null {
    const named = this.byName.get(name.toLowerCase())
    if (named) return named
    return /^\d+$/.test(name) ? (this.plans[Number(name)] ?? null) : null
  }

  /** The same without numbers, as a target is named. */
  findNamed(name: string): StagePlan | null {
    return this.byName.get(name.toLowerCase()) ?? null
  }

  /** For suggestions. */
  get all(): readonly string[] {
    return [...this.byName.keys()]
  }
}

/** Notes what the instructions of a stage take from other stages, images and contexts. */
export function linkStage(plan: StagePlan, names: StageNames, source: SourceText): void {
  for (const { instruction } of plan.instructions) {
    for (const word of fromsOf(instruction, source)) {
      const stage = names.find(word.text)
      if (stage) plan.uses.set(stage, instruction)
      else if (/^\d+$/.test(word.text)) throw source.fail(word.position, `invalid stage index ${word.text}`)
      else plan.sources.set(word.text, instruction)
    }
  }
}

function fromsOf(instruction: StageInstruction, source: SourceText): readonly Word[] {
  if (instruction.kind === 'copy') return instruction.from ? [copyFrom(instruction.from, source)] : []
  return instruction.kind === 'run' ? instruction.mounts.flatMap(mountFrom) : []
}

function copyFrom(from: Word, source: SourceText): Word {
  const isPlain = /^[\w.:/@-]+$/.test(from.text) || expandsToItself(from.text)
  if (isPlain) return from
  throw source.fail(from.position, 'variable expansion is not supported for --from', {
    hint: `define a new stage before it: FROM ${from.text} AS name, with an ARG before the first FROM`,
  })
}

function expandsToItself(text: string): boolean {
  try {
    return text !== '' && expandWord(text, new Map(), { escapeChar: '\\' }).text === text
  } catch {
    return false
  }
}

// Where files come from stands there without variables, so that stages can be chosen before any is looked at.
function mountFrom(mount: Word): readonly Word[] {
  const fields = splitCsv(mount.text)
  if ('problem' in fields) return []
  const value = (name: string) =>
    fields.map((field) => new RegExp(`^${name}=(.*)$`, 'is').exec(field)?.[1]).findLast(Boolean)
  const from = value('from')
  const type = value('type')?.toLowerCase() ?? 'bind'
  if (!from || from === 'scratch' || (type !== 'bind' && type !== 'cache')) return []
  return [{ ...mount, text: from }]
}
