// SPDX-License-Identifier: Apache-2.0
import type { ArgInstruction, FromInstruction } from '../dockerfile/instruction.js'
import type { Dockerfile } from '../dockerfile/parse-dockerfile.js'
import type { Linter, LintSubject } from './linter.js'

/** The rules that need nothing but the text. */
export function lintFile(file: Dockerfile, linter: Linter): void {
  for (const endLine of file.emptyContinuations) {
    const subject = { range: { start: { line: endLine, column: 1 }, endLine }, comments: [] }
    linter.report('NoEmptyContinuation', subject, 'an instruction goes on after an empty line: delete the line')
  }
  for (const arg of file.globalArgs) lintArgComment(arg, linter)
  const names = new Set<string>()
  for (const { from, instructions } of file.stages) {
    lintFrom(from, linter, names)
    for (const instruction of instructions) {
      if (instruction.kind === 'arg') lintArgComment(instruction, linter)
      if (instruction.kind === 'maintainer') {
        const better = 'LABEL org.opencontainers.image.authors'
        linter.report('MaintainerDeprecated', instruction, `MAINTAINER is deprecated, write ${better}`)
      }
    }
  }
  lintCasing(file, linter)
}

function lintFrom(from: FromInstruction, linter: Linter, names: Set<string>): void {
  const { name, as, keyword } = from
  if (name === undefined || !as) return
  if (as.name !== name) linter.report('StageNameCasing', from, `the stage's name '${as.name}' should be in lower case`)
  if (!isOfOneCase(keyword, as.keyword)) {
    linter.report('FromAsCasing', from, `'${keyword}' and '${as.keyword}' are not in the same case`)
  }
  if (name === 'scratch' || name === 'context') {
    linter.report('ReservedStageName', from, `'${name}' is a reserved word, not a name for a stage`)
  }
  if (names.has(name)) linter.report('DuplicateStageName', from, `an earlier stage is called '${name}' too`)
  names.add(name)
  lintComment(linter, from, 'FROM', [name])
}

// Where FROM itself is in mixed case another rule speaks.
function isOfOneCase(from: string, as: string): boolean {
  if (from === from.toLowerCase()) return as === as.toLowerCase()
  return from !== from.toUpperCase() || as === as.toUpperCase()
}

function lintArgComment(arg: ArgInstruction, linter: Linter): void {
  const names = arg.args.map(({ name }) => name)
  lintComment(linter, arg, 'ARG', names)
}

function lintComment(linter: Linter, subject: LintSubject, what: string, names: readonly string[]): void {
  const [word] = subject.comments.at(-1)?.split(' ', 1) ?? []
  if (word === undefined || names.includes(word)) return
  const example = names.length > 1 ? '<name>' : names[0]
  linter.report(
    'InvalidDefinitionDescription',
    subject,
    `a comment on ${what} should read '# ${example} <description>'`,
  )
}

function lintCasing({ stages }: Dockerfile, linter: Linter): void {
  const all = stages.flatMap(({ from, instructions }) => [from, ...instructions])
  const lower = all.filter(({ keyword }) => keyword === keyword.toLowerCase()).length
  const upper = all.filter(({ keyword }) => keyword === keyword.toUpperCase()).length
  const isLower = lower > upper
  for (const instruction of all) {
    const { keyword } = instruction
    if (keyword === (isLower ? keyword.toLowerCase() : keyword.toUpperCase())) continue
    const wanted = isLower ? 'lower' : 'upper'
    linter.report(
      'ConsistentInstructionCasing',
      instruction,
      `'${keyword}' should be in ${wanted} case as most others are`,
    )
  }
}
