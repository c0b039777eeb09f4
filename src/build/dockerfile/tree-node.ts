// SPDX-License-Identifier: Apache-2.0
import type { Heredoc } from './heredoc.js'
import type { SourcePosition, SourceRange } from './position.js'

/** A word of an instruction, as written. */
export interface Token {
  readonly text: string
  /** Where it begins in the instruction's line. */
  readonly at: number
}

/** An instruction before anything is known of its meaning. */
export interface TreeNode {
  /** The instruction's name, as written. */
  readonly keyword: string
  /** Where the name begins. */
  readonly at: number
  /** `--name=value`, quotes taken away. */
  readonly flags: readonly Token[]
  /** Of ENV and LABEL triples: name, value, and `=` or nothing. */
  readonly args: readonly Token[]
  /** Whether the arguments were a JSON array. */
  readonly json: boolean
  /** Whether they are a JSON array of something else than strings. */
  readonly isMixedJson?: boolean | undefined
  /** Of ONBUILD. */
  readonly child?: TreeNode | undefined
  readonly heredocs: readonly Heredoc[]
  /** The whole line, continuation lines joined. */
  readonly original: string
  readonly range: SourceRange
  /** The comments directly above. */
  readonly comments: readonly string[]
  /** Where the character at an offset of the line stands in the file. */
  positionAt(offset: number): SourcePosition
}
