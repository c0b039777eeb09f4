// SPDX-License-Identifier: Apache-2.0
import { EngineError } from './engine-error.js'

/** The error for an option that was refused: names the option, says what is wrong with it. */
export function invalidArgument(option: string, problem: string, hint?: string): EngineError {
  return new EngineError({ code: 'ERR_INVALID_ARGUMENT', message: `${option}: ${problem}`, option, hint })
}
