// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../src/errors/engine-error.js'
import type { ErrorCode } from '../../src/errors/error-code.js'

/** What `work` gives, or undefined where it refuses with one of these codes. Every other failure is one of the test. */
export function unlessRefused<T>(codes: readonly ErrorCode[], work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (EngineError.is(error) && codes.includes(error.code)) return undefined
    throw error
  }
}
