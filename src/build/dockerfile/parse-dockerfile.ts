// SPDX-License-Identifier: Apache-2.0
import { type Directive, detectDirective } from './directives.js'
import type { ArgInstruction, FromInstruction, StageInstruction } from './instruction.js'
import { parseInstruction } from './parse-instruction.js'
import { parseTree } from './parse-tree.js'
import { SourceText } from './source-text.js'

/** A stage as written. */
export interface ParsedStage {
  readonly from: FromInstruction
  readonly instructions: readonly StageInstruction[]
}

/** A Dockerfile whose instructions are understood each by itself. */
export interface Dockerfile {
  readonly source: SourceText
  /** What escapes a character. Null: words are not expanded at all, since no file but a program wrote them. */
  readonly escapeChar: string | null
  /** ARG before the first FROM. */
  readonly globalArgs: readonly ArgInstruction[]
  readonly stages: readonly [ParsedStage, ...ParsedStage[]]
  /** `# check=…`. */
  readonly check: Directive | null
  /** `# syntax=…`: noted, this front end is the only one there is. */
  readonly syntax: Directive | null
  /** The last lines of instructions that have an empty line inside. */
  readonly emptyContinuations: readonly number[]
}

/** Parses a Dockerfile. ERR_DOCKERFILE with line and column where it is malformed. */
export function parseDockerfile(content: string | Uint8Array, name?: string): Dockerfile {
  const source = new SourceText(content, name)
  const { nodes, escapeChar, emptyContinuations } = parseTree(source)
  const globalArgs: ArgInstruction[] = []
  const stages: { from: FromInstruction; instructions: StageInstruction[] }[] = []
  for (const node of nodes) {
    const instruction = parseInstruction(node, source)
    const stage = stages.at(-1)
    if (instruction.kind === 'from') stages.push({ from: instruction, instructions: [] })
    else if (stage) stage.instructions.push(instruction)
    else if (instruction.kind === 'arg') globalArgs.push(instruction)
    else throw source.fail(node.range.start, 'no build stage in current context', { hint: 'begin with FROM image' })
  }
  const [first, ...others] = stages
  if (!first) throw source.fail({ line: 1, column: 1 }, 'dockerfile contains no stages to build')
  const head = source.lines.slice(0, 5).join('')
  const directive = (directiveName: 'check' | 'syntax') => detectDirective(directiveName, head)
  return {
    source,
    escapeChar,
    globalArgs,
    stages: [first, ...others],
    check: directive('check'),
    syntax: directive('syntax'),
    emptyContinuations,
  }
}
