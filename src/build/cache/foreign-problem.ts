// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import { printable } from '../../errors/printable.js'

/** What is wrong with a cache, for a warning: what a stranger wrote, or did not send, fails no build. A mistake of our own is thrown on. */
export function foreignProblem(error: unknown): string {
  const isOfSystem = error instanceof Error && 'syscall' in error
  if (EngineError.is(error) || isOfSystem) return printable(error.message)
  throw error
}
