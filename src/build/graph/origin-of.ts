// SPDX-License-Identifier: Apache-2.0
import type { InstructionBase } from '../dockerfile/instruction.js'
import type { SourceText } from '../dockerfile/source-text.js'
import type { Origin } from './vertex.js'

/** What the vertices of an instruction come from. */
export function originOf(source: SourceText, { range, original: text }: InstructionBase, stage: string): Origin {
  const place = source.placeOf(range.start)
  if (place.file === source.name) return { file: source.name, range, text, stage }
  const { file, line, column } = place
  return { file, range: { start: { line, column }, endLine: line }, text, stage }
}
