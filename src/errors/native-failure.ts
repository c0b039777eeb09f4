// SPDX-License-Identifier: Apache-2.0
import { EngineError, type PlainErrorCode } from './engine-error.js'
import { describeErrno } from './errno.js'
import { type NativeFailureRule, nativeFailureRules } from './native-failure-rules.js'
import { quoted } from './printable.js'

/** A failure as C++ reports it: the step that failed, the kernel's error as a number or name, and what it was about. */
export interface NativeFailure {
  readonly step: string
  readonly errno: number | string
  readonly object?: string | undefined
}

/** What the caller knows about a failed native operation. */
export interface NativeFailureContext {
  /** What was being done, as the beginning of the sentence: `start container 'web'`. */
  readonly doing?: string | undefined
  /** The code, where the table knows none; ERR_NATIVE by default. Only codes without details of their own. */
  readonly fallback?: PlainErrorCode | undefined
  /** The code that beats the table, where the caller knows better. */
  readonly code?: PlainErrorCode | undefined
  /** What ERR_START_FAILED is called here: ERR_EXEC_SPAWN for an exec. */
  readonly startCode?: PlainErrorCode | undefined
  /** The option that led here. */
  readonly option?: string | undefined
}

/** Turns a failure of the native side into the one error type: a sentence, a code and, where it is known, the cure. */
export function nativeError(failure: NativeFailure, context: NativeFailureContext = {}): EngineError {
  const errno = describeErrno(failure.errno)
  const rule = nativeFailureRules.find((candidate) => matches(candidate, failure.step, errno.name))
  const where = failure.object ? `${failure.step} ${quoted(failure.object, 400)}` : failure.step
  const problem = rule?.problem
    ? `${rule.problem} (${where}: ${errno.name})`
    : `${where}: ${errno.message} (${errno.name})`
  return new EngineError({
    code: context.code ?? codeOf(rule, context),
    message: context.doing ? `could not ${context.doing}: ${problem}` : problem,
    hint: rule?.hint,
    option: context.option,
    step: failure.step,
    errno: errno.name,
    object: failure.object || undefined,
  })
}

function codeOf(rule: NativeFailureRule | undefined, { startCode, fallback }: NativeFailureContext): PlainErrorCode {
  if (rule?.code === 'ERR_START_FAILED') return startCode ?? rule.code
  return rule?.code ?? fallback ?? 'ERR_NATIVE'
}

function matches({ steps, errnos }: NativeFailureRule, step: string, errno: string): boolean {
  return (steps === undefined || steps.includes(step)) && (errnos === undefined || errnos.includes(errno))
}
