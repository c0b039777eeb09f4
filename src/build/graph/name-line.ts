// SPDX-License-Identifier: Apache-2.0
import type { EngineError } from '../../errors/engine-error.js'
import { printable } from '../../errors/printable.js'

const told = new WeakSet<EngineError>()

/** Has the error say of which line of the Dockerfile it is, once: `place` is what comes before its message. */
export function nameLine(error: EngineError, place: string): EngineError {
  if (told.has(error)) return error
  told.add(error)
  error.message = printable(`${place}: ${error.message}`)
  return error
}
