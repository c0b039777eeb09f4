// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'

/** ERR_HOST_UNSUPPORTED of what is known before anything was probed. */
export function unsupported(message: string, hint: string, cause?: unknown): EngineError {
  return new EngineError({ code: 'ERR_HOST_UNSUPPORTED', message, hint, cause, report: null })
}
