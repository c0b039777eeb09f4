// SPDX-License-Identifier: Apache-2.0
import type { SeccompArgSpec } from '../oci/runtime-spec-seccomp.js'

const allBits = 0xffff_ffff

/**
 * Conditions of which exactly one holds for every 32-bit argument but these values, and none for these.
 *
 * The kernel looks at the lower 32 bits of an int argument only, a filter at all 64: "not equal" and "greater than" are
 * passed by a value with high bits set, so that TIOCSTI | 1 << 32 gets through. Masks see what the kernel sees. They are
 * disjoint, since libseccomp does not define which of two rules that both match wins.
 */
export function allBut(index: number, values: readonly number[]): readonly SeccompArgSpec[] {
  const conditions: SeccompArgSpec[] = []
  const split = (prefix: number, bit: number): void => {
    // The mask of the bits that are decided: all above `bit`.
    const mask = bit === 31 ? 0 : (allBits << (bit + 1)) >>> 0
    const inside = values.some((value) => (value & mask) >>> 0 === prefix)
    if (!inside) conditions.push(maskedEqual(index, mask, prefix))
    else if (bit >= 0) {
      split(prefix, bit - 1)
      split((prefix | (1 << bit)) >>> 0, bit - 1)
    }
  }
  split(0, 31)
  return conditions
}

/** The condition that holds for this value of a 32-bit argument. */
export function equalTo(index: number, value: number): SeccompArgSpec {
  return maskedEqual(index, allBits, value)
}

function maskedEqual(index: number, mask: number, value: number): SeccompArgSpec {
  return { index, value: mask, valueTwo: value, op: 'SCMP_CMP_MASKED_EQ' }
}
