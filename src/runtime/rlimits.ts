// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import type { RlimitSpec } from '../oci/runtime-spec.js'
import type { Ulimits, UlimitValue } from './container-option-parts.js'

/** The limits as OCI has them; a soft one above its hard one is ERR_INVALID_ARGUMENT. */
export function rlimitsOf(ulimits: Ulimits = {}, option = 'ulimits'): readonly RlimitSpec[] {
  return Object.entries(ulimits).flatMap(([name, value]) => {
    if (value === undefined) return []
    const { soft, hard } = typeof value === 'object' ? value : { soft: value, hard: value }
    const spec = { type: `RLIMIT_${name.toUpperCase()}`, soft: number(soft), hard: number(hard) }
    if (hard !== 'unlimited' && (soft === 'unlimited' || soft > hard)) {
      throw invalidArgument(`${option}.${name}`, 'the soft limit is above the hard one')
    }
    return [spec]
  })
}

/** The first list with the limits of the second in the place of its own. */
export function mergeRlimits(base: readonly RlimitSpec[], changes: readonly RlimitSpec[]): readonly RlimitSpec[] {
  return [...base.filter(({ type }) => !changes.some((change) => change.type === type)), ...changes]
}

function number(value: UlimitValue): number {
  return value === 'unlimited' ? -1 : value
}
