// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import { quoted } from '../../errors/printable.js'
import { nameLine } from '../graph/name-line.js'
import type { Vertex } from '../graph/vertex.js'

/** Runs a part of a step; what fails there says of which line of the Dockerfile it is. */
export async function atStep<T>({ origin }: Vertex, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!EngineError.is(error) || !origin) throw error
    const { file, range, text } = origin
    throw nameLine(error, `${file}:${range.start.line}: ${quoted(text, 200)}`)
  }
}
