// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import { formatPlatform, type Platform, parsePlatform } from '../../oci/platform.js'
import { parseReference } from '../../oci/reference.js'
import { type ExpandedWord, ExpansionFailure, expandWord } from '../dockerfile/expand-word.js'
import type { FromInstruction } from '../dockerfile/instruction.js'
import type { Dockerfile } from '../dockerfile/parse-dockerfile.js'
import { suggest } from '../suggest.js'
import type { Linter } from './linter.js'

interface FromFacts {
  readonly file: Dockerfile
  readonly globals: ReadonlyMap<string, string>
  readonly linter: Linter
}

/** Arguments in FROM that nobody declared. */
export function lintUndefinedArguments(
  { file, globals, linter }: FromFacts,
  from: FromInstruction,
  unset: ReadonlySet<string>,
): void {
  if (unset.size === 0) return
  const declared = new Set([...file.globalArgs.flatMap(({ args }) => args.map(({ name }) => name)), ...globals.keys()])
  for (const name of unset) {
    if (declared.has(name)) continue
    const meant = suggest(name, declared)
    const question = meant === undefined ? '' : ` (did you mean ${meant}?)`
    linter.report('UndefinedArgInFrom', from, `no ARG before the first FROM declares '${name}'${question}`)
  }
}

/** Platforms that say what is so anyway, or that nobody can change. */
export function lintPlatform({ globals, linter }: FromFacts, from: FromInstruction, expanded: ExpandedWord): void {
  const { used, unset, text } = expanded
  if (used.size === 1 && unset.size === 0 && used.has('TARGETPLATFORM') && text === globals.get('TARGETPLATFORM')) {
    const problem = `--platform=${from.platform?.text} says what is so without it`
    linter.report('RedundantTargetPlatform', from, problem)
  }
  const platform = used.size + unset.size === 0 ? platformOf(text) : null
  if (!platform) return
  const isInName = [platform.os, platform.architecture].some((part) => from.name?.includes(part))
  if (isInName) return
  linter.report('FromPlatformFlagConstDisallowed', from, `--platform should not be the constant '${text}'`)
}

/** FROM that only makes sense if arguments are given to the build. Where the defaults themselves cannot be, that is no matter of style. */
export function lintDefaultBases(file: Dockerfile, defaults: () => ReadonlyMap<string, string>, linter: Linter): void {
  try {
    const values = defaults()
    for (const { from } of file.stages) {
      const name = expandWord(from.base.text, values, { escapeChar: file.escapeChar }).text
      if (isReference(name)) continue
      const problem = `the defaults of the arguments in '${from.base.text}' make no name of an image`
      linter.report('InvalidDefaultArgInFrom', from, problem)
    }
  } catch (error) {
    if (!EngineError.is(error) && !(error instanceof ExpansionFailure)) throw error
  }
}

/** An image below that is for another platform. */
export function lintImagePlatform(linter: Linter, from: FromInstruction, expected: Platform, actual: Platform): void {
  if (expected.os === actual.os && expected.architecture === actual.architecture) return
  const problem = `${from.base.text} is for ${formatPlatform(actual)}, the build for ${formatPlatform(expected)}`
  linter.report('InvalidBaseImagePlatform', from, problem)
}

function isReference(name: string): boolean {
  try {
    parseReference(name)
    return true
  } catch (error) {
    if (EngineError.is(error)) return false
    throw error
  }
}

function platformOf(text: string): Platform | null {
  try {
    return parsePlatform(text)
  } catch (error) {
    if (EngineError.is(error)) return null
    throw error
  }
}
