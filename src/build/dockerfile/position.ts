// SPDX-License-Identifier: Apache-2.0

/** A place in a text. */
export interface SourcePosition {
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units as editors count them. */
  readonly column: number
}

/** The lines something takes up, where it begins included. */
export interface SourceRange {
  readonly start: SourcePosition
  /** The last line, from 1. */
  readonly endLine: number
}
