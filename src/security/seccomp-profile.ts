// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import type { SeccompAction, SeccompArgSpec, SeccompOperator } from '../oci/runtime-spec-seccomp.js'
import { type Check, check, checkOptions, type Shape } from '../util/validate.js'

/** A profile as Docker writes it: an OCI seccomp configuration whose rules may depend on capabilities, processor and kernel. */
export interface SeccompProfile {
  /** What happens to calls that no rule is about. */
  readonly defaultAction: SeccompAction
  /** The error of `SCMP_ACT_ERRNO` there; EPERM by default. */
  readonly defaultErrnoRet?: number | null | undefined
  /** `SCMP_ARCH_X86_64`; calls of any other ABI end the process. */
  readonly architectures?: readonly string[] | null | undefined
  /** In place of `architectures`: by the architecture of the machine. */
  readonly archMap?: readonly SeccompArchitectures[] | null | undefined
  /** Flags of seccomp(2): `SECCOMP_FILTER_FLAG_LOG`. */
  readonly flags?: readonly string[] | null | undefined
  /** The rules. */
  readonly syscalls?: readonly SeccompProfileRule[] | null | undefined
}

/** An ABI, and those that come with it. */
export interface SeccompArchitectures {
  /** Of the machine: `SCMP_ARCH_X86_64`. */
  readonly architecture: string
  /** Those that are allowed with it: `SCMP_ARCH_X86`. */
  readonly subArchitectures?: readonly string[] | null | undefined
}

/** What happens to some system calls. */
export interface SeccompProfileRule {
  /** The old form of `names`. */
  readonly name?: string | undefined
  /** System calls; those that the kernel or libseccomp does not know are left out. */
  readonly names?: readonly string[] | undefined
  /** What happens to them. */
  readonly action: SeccompAction
  /** The error of `SCMP_ACT_ERRNO`; EPERM by default. */
  readonly errnoRet?: number | null | undefined
  /** Only calls with such arguments: all have to hold. */
  readonly args?: readonly SeccompArgSpec[] | null | undefined
  /** For people. */
  readonly comment?: string | undefined
  /** Only where all of this holds … */
  readonly includes?: SeccompCondition | undefined
  /** … and none of this. */
  readonly excludes?: SeccompCondition | undefined
}

/** On what a rule depends; all that is given has to hold. */
export interface SeccompCondition {
  /** Capabilities that the container has. */
  readonly caps?: readonly string[] | null | undefined
  /** Go's names, `amd64`, and `x86`, `x32`. */
  readonly arches?: readonly string[] | null | undefined
  /** `4.8`. */
  readonly minKernel?: string | undefined
}

const actions: readonly SeccompAction[] = [
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_TRAP',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_ALLOW',
  'SCMP_ACT_LOG',
]
const operators: readonly SeccompOperator[] = [
  'SCMP_CMP_NE',
  'SCMP_CMP_LT',
  'SCMP_CMP_LE',
  'SCMP_CMP_EQ',
  'SCMP_CMP_GE',
  'SCMP_CMP_GT',
  'SCMP_CMP_MASKED_EQ',
]

const nullable =
  (inner: Check): Check =>
  (value, option) => {
    if (value !== null) inner(value, option)
  }
const strings = nullable(check.arrayOf(check.string, 4096))
const errno = nullable(check.integer({ min: 0, max: 65_535 }))
const condition: Shape<SeccompCondition> = {
  caps: strings,
  arches: strings,
  minKernel: check.matching(/^\d{1,3}\.\d{1,4}(\.\d{1,4})?$/, 'a kernel version'),
}
const argument: Shape<SeccompArgSpec> = {
  index: check.required(check.integer({ min: 0, max: 5 })),
  value: check.required(check.number({ min: 0, max: 2 ** 64 })),
  valueTwo: check.number({ min: 0, max: 2 ** 64 }),
  op: check.required(check.oneOf(...operators)),
}
const rule: Shape<SeccompProfileRule> = {
  name: check.nonEmptyString,
  names: check.arrayOf(check.nonEmptyString, 4096),
  action: check.required(check.oneOf(...actions)),
  errnoRet: errno,
  args: nullable(check.arrayOf(check.object(argument), 64)),
  comment: check.string,
  includes: check.object(condition),
  excludes: check.object(condition),
}
const profile: Shape<SeccompProfile> = {
  defaultAction: check.required(check.oneOf(...actions)),
  defaultErrnoRet: errno,
  architectures: strings,
  archMap: nullable(
    check.arrayOf(
      check.object<SeccompArchitectures>({ architecture: check.required(check.string), subArchitectures: strings }),
      64,
    ),
  ),
  flags: strings,
  syscalls: nullable(check.arrayOf(check.object(rule), 4096)),
}

/** Refuses with ERR_INVALID_ARGUMENT naming `option` what is no profile in Docker's or OCI's form. */
export function checkSeccompProfile(value: unknown, option = 'seccomp'): asserts value is SeccompProfile {
  if (value === undefined) throw invalidArgument(option, 'expected a profile')
  checkOptions<SeccompProfile>(value, profile, option)
  const { architectures, archMap, syscalls } = value as SeccompProfile
  if (architectures?.length && archMap?.length) throw invalidArgument(option, 'has both architectures and archMap')
  for (const [index, { name, names }] of (syscalls ?? []).entries()) {
    if ((name === undefined) === (names === undefined))
      throw invalidArgument(`${option}.syscalls[${index}]`, 'needs either name or names')
  }
}
