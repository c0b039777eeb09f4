// SPDX-License-Identifier: Apache-2.0
import type { EngineError } from '../errors/engine-error.js'
import { type NativeFailure, type NativeFailureContext, nativeError } from '../errors/native-failure.js'

/** Whether the value is a failure as the native side reports it. */
export function isNativeFailure(error: unknown): error is NativeFailure {
  if (typeof error !== 'object' || error === null) return false
  const errno: unknown = Reflect.get(error, 'errno')
  return typeof Reflect.get(error, 'step') === 'string' && (typeof errno === 'number' || typeof errno === 'string')
}

/** A failure of the addon as an EngineError; anything else as it is. */
export function asEngineError(error: unknown, context?: NativeFailureContext): EngineError | unknown {
  return isNativeFailure(error) ? nativeError(error, context) : error
}

/** Calls the addon; what it throws becomes an EngineError. */
export function nativeCall<T>(call: () => T, context?: NativeFailureContext): T {
  try {
    return call()
  } catch (error) {
    throw asEngineError(error, context)
  }
}
