// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import { quoted } from '../../errors/printable.js'

/** For a secret or an agent that a command requires and the build was not given. `hint` says how it is given. */
export function missingResource(kind: 'secret' | 'ssh agent', id: string, hint: string): EngineError {
  return new EngineError({
    code: 'ERR_INVALID_ARGUMENT',
    message: `there is no ${kind} ${quoted(id)}`,
    object: id,
    hint,
  })
}
