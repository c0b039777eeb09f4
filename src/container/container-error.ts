// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { type ContainerAction, wrongState } from './container-state.js'

/** A failure of the supervisor as the caller of this action is to see it. */
export function containerError(error: unknown, action: ContainerAction | 'create', name: string): unknown {
  if (!EngineError.is(error)) return error
  if (error.errno === 'EBUSY' && error.step === action)
    return wrongState(action, name, error.object ?? 'in another state')
  if (error.step === 'cgroup limit' && error.errno === 'ENOTSUP') {
    return new EngineError({
      code: 'ERR_LIMIT_UNSUPPORTED',
      message: `could not ${action} container '${name}': this host lacks ${error.object ?? 'the cgroup controller'}`,
      step: error.step,
      errno: error.errno,
      object: error.object,
      hint: 'Engine.probe() says what is missing and how to get it',
      cause: error,
    })
  }
  return error
}

/** The promise, its failures as {@link containerError} has them. */
export async function explained<T>(promise: Promise<T>, action: ContainerAction | 'create', name: string): Promise<T> {
  try {
    return await promise
  } catch (error) {
    throw containerError(error, action, name)
  }
}
