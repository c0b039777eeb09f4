// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../src/index.js'

/** The EngineError with which it rejects; anything else is thrown. */
export const failure = async (promise: Promise<unknown>): Promise<EngineError> => {
  const error: unknown = await promise.then(
    () => new Error('was accepted'),
    (reason: unknown) => reason,
  )
  if (!EngineError.is(error)) throw error
  return error
}
