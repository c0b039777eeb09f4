// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import { type Platform, parsePlatform } from '../../oci/platform.js'
import { type ExpandedWord, ExpansionFailure, expandWord } from '../dockerfile/expand-word.js'
import type { FromInstruction, Word } from '../dockerfile/instruction.js'
import type { Dockerfile } from '../dockerfile/parse-dockerfile.js'
import { lintPlatform, lintUndefinedArguments } from '../lint/lint-from.js'
import type { Linter } from '../lint/linter.js'
import { didYouMean } from '../suggest.js'
import type { GraphOptions } from './graph-options.js'
import { findContext } from './named-contexts.js'
import type { StagePlan } from './stage-plan.js'

interface PlanFacts {
  readonly file: Dockerfile
  readonly globals: ReadonlyMap<string, string>
  readonly options: GraphOptions
  readonly linter: Linter
}

/** The stages in their order, each with what it is built on. Stages of one name: the nearest above counts. */
export function planStages(facts: PlanFacts): readonly StagePlan[] {
  const byName = new Map<string, StagePlan>()
  return facts.file.stages.map(({ from, instructions }, index) => {
    const baseName = expandBase(facts, from)
    const replacement = from.name === undefined ? null : findContext(facts.options.contexts, from.name)
    const plan: StagePlan = {
      index,
      from,
      name: from.name,
      baseName,
      base: replacement ? null : (byName.get(baseName.toLowerCase()) ?? null),
      platform: from.platform ? expandPlatform(facts, from, from.platform) : null,
      replacement,
      instructions: replacement ? [] : instructions.map((instruction) => ({ instruction, trigger: null })),
      uses: new Map(),
      sources: new Map(),
    }
    if (plan.name !== undefined) byName.set(plan.name, plan)
    return plan
  })
}

function expandBase(facts: PlanFacts, from: FromInstruction): string {
  const { text, unset } = expandGlobal(facts, from.base)
  lintUndefinedArguments(facts, from, unset)
  if (text !== '') return text
  throw facts.file.source.fail(from.base.position, `base name (${from.base.text}) should not be blank`, {
    hint: hintFor(facts, unset) ?? 'declare the argument with a default before the first FROM',
  })
}

function expandPlatform(facts: PlanFacts, from: FromInstruction, word: Word): Platform {
  const expanded = expandGlobal(facts, word)
  lintUndefinedArguments(facts, from, expanded.unset)
  lintPlatform(facts, from, expanded)
  const hint = hintFor(facts, expanded.unset)
  const { source } = facts.file
  if (expanded.text === '') {
    throw source.fail(word.position, `empty platform value from expression ${word.text}`, { hint })
  }
  try {
    return parsePlatform(expanded.text)
  } catch (error) {
    if (!EngineError.is(error)) throw error
    throw source.fail(word.position, `failed to parse platform ${word.text}`, {
      hint: hint ?? error.hint,
      cause: error,
    })
  }
}

function expandGlobal({ file, globals }: PlanFacts, word: Word): ExpandedWord {
  try {
    return expandWord(word.text, globals, { escapeChar: file.escapeChar })
  } catch (error) {
    if (error instanceof ExpansionFailure) throw file.source.fail(word.position, error.message)
    throw error
  }
}

function hintFor({ globals }: PlanFacts, unset: ReadonlySet<string>): string | undefined {
  for (const name of unset) {
    const hint = didYouMean(name, globals.keys(), (found) => `$${found}`)
    if (hint) return hint
  }
  return undefined
}
