// SPDX-License-Identifier: Apache-2.0
import type { SeccompArgSpec, SeccompRuleSpec, SeccompSpec } from '../../../src/oci/runtime-spec-seccomp.js'

/** The rules of a filter that match a call with these arguments. */
export function matchingRules(
  filter: SeccompSpec,
  name: string,
  args: readonly bigint[] = [],
): readonly SeccompRuleSpec[] {
  return (filter.syscalls ?? []).filter(
    (rule) =>
      rule.names.includes(name) &&
      (rule.args ?? []).every((arg) => holds(arg, BigInt.asUintN(64, args[arg.index] ?? 0n))),
  )
}

/** Whether the filter lets the call pass. */
export function allows(filter: SeccompSpec, name: string, ...args: readonly (number | bigint)[]): boolean {
  const [rule, other] = matchingRules(filter, name, args.map(BigInt))
  if (other) throw new Error(`two rules match ${name}(${args.join(', ')})`)
  return (rule?.action ?? filter.defaultAction) === 'SCMP_ACT_ALLOW'
}

function holds({ op, value, valueTwo = 0 }: SeccompArgSpec, actual: bigint): boolean {
  const wanted = BigInt(value)
  if (op === 'SCMP_CMP_MASKED_EQ') return (actual & wanted) === BigInt(valueTwo)
  if (op === 'SCMP_CMP_EQ') return actual === wanted
  if (op === 'SCMP_CMP_NE') return actual !== wanted
  if (op === 'SCMP_CMP_LT') return actual < wanted
  if (op === 'SCMP_CMP_LE') return actual <= wanted
  return op === 'SCMP_CMP_GT' ? actual > wanted : actual >= wanted
}
