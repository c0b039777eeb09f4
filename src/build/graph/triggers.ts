// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import { quoted } from '../../errors/printable.js'
import type { FromInstruction, StageInstruction } from '../dockerfile/instruction.js'
import { parseInstruction } from '../dockerfile/parse-instruction.js'
import { parseTree } from '../dockerfile/parse-tree.js'
import { SourceText } from '../dockerfile/source-text.js'
import type { PlannedInstruction } from './stage-plan.js'

/** The triggers of what a FROM builds on, as instructions that stand at that line. */
export function parseTriggers(
  triggers: readonly string[],
  from: FromInstruction,
  source: SourceText,
): readonly PlannedInstruction[] {
  return triggers.map((trigger) => ({
    instruction: { ...parseTrigger(trigger, from, source), range: from.range },
    trigger,
  }))
}

/** The error of a trigger, told at the line that brought it. */
export function triggerError(error: unknown, trigger: string, from: FromInstruction, source: SourceText): unknown {
  if (!EngineError.is(error, 'ERR_DOCKERFILE')) return error
  const [first = ''] = error.message.split('\n', 1)
  const problem = `the ONBUILD trigger ${quoted(trigger)} of what is built on: ${first.replace(/^.*?:\d+:\d+: /, '')}`
  return source.fail(from.base.position, problem, { hint: error.hint, cause: error })
}

function parseTrigger(trigger: string, from: FromInstruction, source: SourceText): StageInstruction {
  try {
    const text = new SourceText(trigger, 'ONBUILD')
    const [node, ...others] = parseTree(text).nodes
    if (!node || others.length > 0) {
      throw text.fail({ line: 1, column: 1 }, 'onbuild trigger should be a single expression')
    }
    const instruction = parseInstruction(node, text)
    if (instruction.kind === 'from' || instruction.kind === 'onbuild' || instruction.kind === 'maintainer') {
      throw text.fail(node.range.start, `${instruction.keyword.toUpperCase()} isn't allowed as an ONBUILD trigger`)
    }
    return instruction
  } catch (error) {
    throw triggerError(error, trigger, from, source)
  }
}
