// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { nativeError } from '../errors/native-failure.js'

/** A failure of a file operation as an EngineError; what is one already stays as it is. */
export function storeFailure(error: unknown, step: string, object: string): unknown {
  const errno = (error as NodeJS.ErrnoException | null)?.code
  if (EngineError.is(error) || typeof errno !== 'string' || !/^E[A-Z0-9]+$/.test(errno)) return error
  return nativeError({ step, errno, object })
}

/** Runs a file operation whose failure is to be an EngineError. */
export async function fileStep<T>(step: string, object: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw storeFailure(error, step, object)
  }
}

/** Whether a file operation failed because there is no such file. */
export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === 'ENOENT'
}

/** The error for a file of the store that is not what it should be. */
export function corruptFile(
  path: string,
  problem: string,
  details: { readonly hint?: string; readonly cause?: unknown } = {},
): EngineError {
  const { hint, cause } = details
  return new EngineError({
    code: 'ERR_STORE_CORRUPT',
    message: `${path} is damaged: ${problem}`,
    object: path,
    hint,
    ...(cause !== undefined && { cause }),
  })
}
