// SPDX-License-Identifier: Apache-2.0
import type { SeccompRuleSpec, SeccompSpec } from '../oci/runtime-spec-seccomp.js'
import type { SeccompCondition, SeccompProfile, SeccompProfileRule } from './seccomp-profile.js'

/** What the conditions of a profile are judged by. */
export interface SeccompTarget {
  /** Names with `CAP_` of the container's bounding set. */
  readonly capabilities: readonly string[]
  /** Go's name of the processor: `amd64`. */
  readonly architecture: string
  /** The kernel's release: `6.1.0-18-amd64`. */
  readonly kernel: string
}

const scmpArchitectures: Readonly<Record<string, string>> = {
  amd64: 'SCMP_ARCH_X86_64',
  386: 'SCMP_ARCH_X86',
  arm64: 'SCMP_ARCH_AARCH64',
  arm: 'SCMP_ARCH_ARM',
  ppc64le: 'SCMP_ARCH_PPC64LE',
  riscv64: 'SCMP_ARCH_RISCV64',
  s390x: 'SCMP_ARCH_S390X',
  loong64: 'SCMP_ARCH_LOONGARCH64',
}

/** The ABI of a processor's own programs: `amd64` is `SCMP_ARCH_X86_64`. */
export function nativeSeccompArchitecture(architecture: string): string {
  return scmpArchitectures[architecture] ?? `SCMP_ARCH_${architecture.toUpperCase()}`
}

/** The profile for one target as the OCI runtime specification has it: conditions judged, equal rules merged. */
export function resolveSeccomp(profile: SeccompProfile, target: SeccompTarget): SeccompSpec {
  const applicable = (profile.syscalls ?? []).filter(
    ({ includes, excludes }) => isIncluded(includes, target) && !isExcluded(excludes, target),
  )
  const architectures = profile.archMap?.length ? fromArchMap(profile, target) : profile.architectures
  return {
    defaultAction: profile.defaultAction,
    ...(typeof profile.defaultErrnoRet === 'number' && { defaultErrnoRet: profile.defaultErrnoRet }),
    ...(architectures?.length && { architectures: [...new Set(architectures)] }),
    ...(profile.flags?.length && { flags: profile.flags }),
    syscalls: mergeRules(applicable),
  }
}

function isIncluded(condition: SeccompCondition | undefined, target: SeccompTarget): boolean {
  if (condition?.arches?.length && !condition.arches.includes(conditionName(target))) return false
  if (condition?.caps?.some((name) => !target.capabilities.includes(name))) return false
  return condition?.minKernel === undefined || isKernelAtLeast(target.kernel, condition.minKernel)
}

function isExcluded(condition: SeccompCondition | undefined, target: SeccompTarget): boolean {
  if (condition?.arches?.includes(conditionName(target))) return true
  if (condition?.caps?.some((name) => target.capabilities.includes(name))) return true
  return condition?.minKernel !== undefined && isKernelAtLeast(target.kernel, condition.minKernel)
}

// Conditions have libseccomp's names, which differ from Go's for one processor.
function conditionName({ architecture }: SeccompTarget): string {
  return architecture === '386' ? 'x86' : architecture
}

function isKernelAtLeast(kernel: string, wanted: string): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map((part) => Number.parseInt(part, 10))
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number)
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}

function fromArchMap(profile: SeccompProfile, target: SeccompTarget): readonly string[] {
  const native = nativeSeccompArchitecture(target.architecture)
  const entry = profile.archMap?.find(({ architecture }) => architecture === native)
  return [native, ...(entry?.subArchitectures ?? [])]
}

// Rules without arguments become one rule an action, which is what most of a profile is.
function mergeRules(rules: readonly SeccompProfileRule[]): readonly SeccompRuleSpec[] {
  const plain = new Map<string, { rule: SeccompRuleSpec; names: Set<string> }>()
  const conditional: SeccompRuleSpec[] = []
  for (const rule of rules) {
    const names = rule.names ?? [rule.name ?? '']
    const { action } = rule
    const result = { names, action, ...(typeof rule.errnoRet === 'number' && { errnoRet: rule.errnoRet }) }
    if (rule.args?.length) {
      conditional.push({ ...result, args: rule.args })
      continue
    }
    const key = `${action} ${rule.errnoRet ?? ''}`
    const merged = plain.get(key) ?? { rule: result, names: new Set() }
    for (const name of names) merged.names.add(name)
    plain.set(key, merged)
  }
  return [...[...plain.values()].map(({ rule, names }) => ({ ...rule, names: [...names].sort() })), ...conditional]
}
