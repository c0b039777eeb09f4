// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { ResourcesSpec } from '../oci/runtime-spec-linux.js'
import type { ExecLimits } from './exec-options.js'
import type { HostFacts } from './host-facts.js'
import { resourcesOf } from './resources.js'

/** Limits of one command as an OCI document. ERR_LIMIT_UNSUPPORTED names what cannot be held here, with its cure. */
export function execLimits(limits: ExecLimits, host: Pick<HostFacts, 'controllers' | 'reasons'>): ResourcesSpec {
  try {
    return resourcesOf(limits, host, new Map())
  } catch (error) {
    if (!EngineError.is(error) || error.option === undefined) throw error
    const { message, option, object, hint } = error
    throw new EngineError({
      code: error.code === 'ERR_INVALID_ARGUMENT' ? error.code : 'ERR_LIMIT_UNSUPPORTED',
      message: `limits.${message}`,
      option: `limits.${option}`,
      object,
      hint,
    })
  }
}
