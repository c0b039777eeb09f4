// SPDX-License-Identifier: Apache-2.0
import type { SourcePosition } from './position.js'

interface Piece {
  readonly at: number
  readonly line: number
  readonly column: number
}

/** An instruction's line, put together from the lines of the file, which knows where its characters come from. */
export class LogicalLine {
  text = ''
  private readonly pieces: Piece[] = []
  private readonly parts: string[] = []
  private length = 0

  /** Adds what a line of the file contributes, which begins at `column`. */
  add(part: string, line: number, column: number): void {
    this.pieces.push({ at: this.length, line, column })
    this.parts.push(part)
    this.length += part.length
  }

  /** Ends the adding. */
  join(): this {
    this.text = this.parts.join('')
    return this
  }

  /** Where the character at that offset stands in the file. */
  positionAt(offset: number): SourcePosition {
    let low = 0
    for (let high = this.pieces.length - 1; low < high; ) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.pieces[middle]?.at ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    const { at, line, column } = this.pieces[low] ?? { at: 0, line: 1, column: 1 }
    return { line, column: column + offset - at }
  }
}
