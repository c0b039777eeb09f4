// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import { quoted } from '../../errors/printable.js'
import { trimSpaces } from '../dockerfile/spaces.js'
import { cleanPath } from './clean-path.js'
import { compilePattern, type IgnorePattern } from './ignore-pattern.js'
import { parseGlob } from './parse-glob.js'
import type { IgnoreLine } from './read-ignore-file.js'

/** What a walk knows of a directory: which patterns match it or a directory above. Null: the context itself. */
export type DirectoryMatch = Uint8Array | null

/** What a walk learns of one entry. */
export interface EntryMatch {
  /** Whether it is left out. */
  readonly ignored: boolean
  /** For the entries below. */
  readonly match: DirectoryMatch
}

const maxPatterns = 10_000

/**
 * Says which paths of a build context are left out, as moby's patternmatcher does: the last pattern that matches a path or a
 * directory above it decides. Paths are relative, without `.` and `..`, with slashes between their parts.
 */
export class IgnoreMatcher {
  readonly patterns: readonly IgnorePattern[]
  /** Whether there is a `!`, so that things below a directory that is left out may be wanted. */
  readonly hasExceptions: boolean

  /** Compiles patterns. ERR_IGNORE_PATTERN if one is malformed. */
  constructor(patterns: readonly (string | IgnoreLine)[]) {
    if (patterns.length > maxPatterns) throw refuse(maxPatterns, `there are more than ${maxPatterns} patterns`)
    this.patterns = patterns.flatMap((pattern, index) =>
      typeof pattern === 'string' ? compile(pattern, index + 1) : compile(pattern.pattern, pattern.line),
    )
    this.hasExceptions = this.patterns.some(({ isException }) => isException)
  }

  /** Whether the path is left out. */
  ignores(path: string): boolean {
    const parents = parentsOf(path)
    return this.decide((pattern) => pattern.matches(path) || parents.some((parent) => pattern.matches(parent)))
  }

  /** The same by the older rule, which looks at only one of the directories above: the one as deep as the pattern. */
  ignoresByOldRule(path: string): boolean {
    const clean = cleanPath(path)
    if (clean === '.') return false
    const parents = parentsOf(clean)
    return this.decide((pattern) => {
      const parent = parents[pattern.depth - 1]
      return pattern.matches(clean) || (parent !== undefined && pattern.matches(parent))
    })
  }

  /** The answer of {@link ignores} for an entry of a directory whose own answer is at hand. */
  enter(path: string, parent: DirectoryMatch): EntryMatch {
    const match = new Uint8Array(this.patterns.length)
    let ignored = false
    for (const [index, pattern] of this.patterns.entries()) {
      if (parent?.[index] !== 1 && !pattern.matches(path)) continue
      match[index] = 1
      ignored = !pattern.isException
    }
    return { ignored, match }
  }

  /** Whether a directory that is left out has to be read all the same, since a `!` can match something below it. */
  mustDescend(directory: string): boolean {
    return this.patterns.some((pattern) => pattern.isException && pattern.canMatchBelow(directory))
  }

  private decide(matches: (pattern: IgnorePattern) => boolean): boolean {
    return !(this.patterns.findLast(matches)?.isException ?? true)
  }
}

function compile(text: string, line: number): readonly IgnorePattern[] {
  const trimmed = trimSpaces(text)
  if (trimmed === '') return []
  const clean = cleanPath(trimmed)
  const isException = clean.startsWith('!')
  const pattern = isException ? clean.slice(1) : clean
  if (pattern === '') throw refuse(line, 'illegal exclusion pattern: "!"')
  const parsed = parseGlob(pattern)
  if ('problem' in parsed) throw refuse(line, `${quoted(text)}: ${parsed.problem}`)
  return [compilePattern(pattern, parsed.tokens, isException)]
}

function parentsOf(path: string): readonly string[] {
  const parents: string[] = []
  for (let end = path.indexOf('/', 1); end >= 0; end = path.indexOf('/', end + 1)) parents.push(path.slice(0, end))
  return parents
}

function refuse(line: number, problem: string): EngineError {
  return new EngineError({
    code: 'ERR_IGNORE_PATTERN',
    message: `line ${line} of what to leave out: ${problem}`,
    line,
    hint: 'write it as for Go’s filepath.Match, with ** for any number of directories',
  })
}
