// SPDX-License-Identifier: Apache-2.0

/** What happens to a system call. OCI runtime-spec 1.2, "seccomp". */
export type SeccompAction =
  | 'SCMP_ACT_KILL'
  | 'SCMP_ACT_KILL_PROCESS'
  | 'SCMP_ACT_KILL_THREAD'
  | 'SCMP_ACT_TRAP'
  | 'SCMP_ACT_ERRNO'
  | 'SCMP_ACT_TRACE'
  | 'SCMP_ACT_ALLOW'
  | 'SCMP_ACT_LOG'
  | 'SCMP_ACT_NOTIFY'

/** How an argument is compared. OCI runtime-spec 1.2, "seccomp". */
export type SeccompOperator =
  | 'SCMP_CMP_NE'
  | 'SCMP_CMP_LT'
  | 'SCMP_CMP_LE'
  | 'SCMP_CMP_EQ'
  | 'SCMP_CMP_GE'
  | 'SCMP_CMP_GT'
  | 'SCMP_CMP_MASKED_EQ'

/** A filter of system calls (runtime-spec 1.2, "seccomp"). */
export interface SeccompSpec {
  readonly defaultAction: SeccompAction
  readonly defaultErrnoRet?: number | undefined
  /** `SCMP_ARCH_X86_64`; calls of any other ABI end the process. */
  readonly architectures?: readonly string[] | undefined
  readonly flags?: readonly string[] | undefined
  readonly listenerPath?: string | undefined
  readonly listenerMetadata?: string | undefined
  readonly syscalls?: readonly SeccompRuleSpec[] | undefined
}

/** What happens to these calls, if all the arguments are so. */
export interface SeccompRuleSpec {
  readonly names: readonly string[]
  readonly action: SeccompAction
  readonly errnoRet?: number | undefined
  readonly args?: readonly SeccompArgSpec[] | undefined
}

/** A condition on an argument. For `SCMP_CMP_MASKED_EQ`, `value` is the mask and `valueTwo` what is left under it. */
export interface SeccompArgSpec {
  /** Which argument, from 0. */
  readonly index: number
  /** What it is compared with; below 2^53. */
  readonly value: number
  /** For `SCMP_CMP_MASKED_EQ`: what the masked argument has to be. */
  readonly valueTwo?: number | undefined
  /** How it is compared. */
  readonly op: SeccompOperator
}
