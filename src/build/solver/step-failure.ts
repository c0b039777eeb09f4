// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import { printable, quoted } from '../../errors/printable.js'
import type { Vertex } from '../graph/vertex.js'

const told = new WeakSet<EngineError>()

/** Runs a part of a step; what fails there says of which line of the Dockerfile it is. */
export async function atStep<T>({ origin }: Vertex, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!EngineError.is(error) || !origin || told.has(error)) throw error
    told.add(error)
    const { file, range, text } = origin
    error.message = printable(`${file}:${range.start.line}: ${quoted(text, 200)}: ${error.message}`)
    throw error
  }
}
