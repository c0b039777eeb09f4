// SPDX-License-Identifier: Apache-2.0
import { type ErrorCode, isErrorCode } from './error-code.js'
import type { ExecResult } from './exec-result.js'
import type { ExitStatus } from './exit-status.js'
import type { HostReport } from './host-report.js'
import type { LogEntry } from './log-entry.js'
import { printable } from './printable.js'

/** What errors of a command carry. */
export interface WithResult {
  /** What the command did until its end. */
  readonly result: ExecResult<string | Uint8Array>
}

/** What some codes carry beside the common fields. */
export interface ErrorDetails {
  /** The command ended with another status than 0, or by a signal. */
  ERR_EXEC_FAILED: WithResult
  /** The command was killed after its `timeoutMs`. */
  ERR_EXEC_TIMEOUT: WithResult
  /** The command was killed after it had written more than its `maxBuffer`. */
  ERR_EXEC_OUTPUT_LIMIT: WithResult
  /** A Dockerfile is malformed. */
  ERR_DOCKERFILE: {
    /** From 1. */
    readonly line: number
    /** From 1, in characters. */
    readonly column: number
  }
  /** A pattern of what to leave out is malformed. */
  ERR_IGNORE_PATTERN: {
    /** Of the file with the patterns, from 1; of the list of patterns where there is no file. */
    readonly line: number
  }
  /** The container ended while something was expected of it. */
  ERR_CONTAINER_EXITED: {
    /** How it ended. */
    readonly exit: ExitStatus
    /** The last of what it wrote. */
    readonly logs: readonly LogEntry[]
  }
  /** The container was not ready in time. */
  ERR_READY_TIMEOUT: {
    /** The last of what it wrote. */
    readonly logs: readonly LogEntry[]
  }
  /** The machine cannot run containers. */
  ERR_HOST_UNSUPPORTED: {
    /** What is missing, if that was found out. */
    readonly report: HostReport | null
  }
}

/** An {@link EngineError} known to have that code, with what this code carries. */
export type EngineErrorOf<C extends ErrorCode> = EngineError & { readonly code: C } & (C extends keyof ErrorDetails
    ? ErrorDetails[C]
    : unknown)

/** What every error can have. */
export interface CommonErrorFields {
  /** A sentence for people. */
  readonly message: string
  /** What to do about it, as a sentence or a literal command. */
  readonly hint?: string | undefined
  /** The option that was refused, as a path: `mounts[2].source`. */
  readonly option?: string | undefined
  /** The step of the engine that failed: `mount overlay`. */
  readonly step?: string | undefined
  /** The name of the kernel's error: `EINVAL`. */
  readonly errno?: string | undefined
  /** What the step was about: a path, a name, an id. */
  readonly object?: string | undefined
  /** The error that led to this one. */
  readonly cause?: unknown
}

/** Codes that carry nothing but the common fields. */
export type PlainErrorCode = Exclude<ErrorCode, keyof ErrorDetails>

/** What an {@link EngineError} is made of; the details of its code are required with it. */
export type EngineErrorFields =
  | (CommonErrorFields & { readonly code: PlainErrorCode })
  | { [K in keyof ErrorDetails]: CommonErrorFields & { readonly code: K } & ErrorDetails[K] }[keyof ErrorDetails]

const brand = Symbol.for('tscontainer.EngineError')
const optionalFields = ['hint', 'option', 'step', 'errno', 'object'] as const
const detailFields = ['result', 'exit', 'logs', 'report', 'line', 'column'] as const

/** The one error type of the engine: a code from a closed union, a sentence and, where it is known, the cure. */
export class EngineError extends Error {
  /** What kind of failure it is, from a closed set: {@link errorCodes} says what each means. */
  readonly code: ErrorCode
  /** What to do about it, as a sentence or a literal command. */
  declare readonly hint?: string
  /** The option that was refused, as a path: `mounts[2].source`. */
  declare readonly option?: string
  /** The step of the engine that failed: `mount overlay`. */
  declare readonly step?: string
  /** The name of the kernel's error: `EINVAL`. */
  declare readonly errno?: string
  /** What the step was about: a path, a name, an id. */
  declare readonly object?: string

  constructor(fields: EngineErrorFields) {
    super(printable(fields.message), 'cause' in fields ? { cause: fields.cause } : undefined)
    this.code = fields.code
    for (const name of optionalFields) {
      const value = fields[name]
      if (value !== undefined) Object.defineProperty(this, name, { value: printable(value), enumerable: true })
    }
    for (const name of detailFields) {
      if (name in fields) Object.defineProperty(this, name, { value: Reflect.get(fields, name), enumerable: true })
    }
  }

  /**
   * Whether the value is an EngineError, of that code if one is given. Recognises errors of another copy of this
   * module, which `instanceof` does not.
   */
  static is(error: unknown): error is EngineError
  static is<C extends ErrorCode>(error: unknown, code: C): error is EngineErrorOf<C>
  static is(error: unknown, code?: ErrorCode): boolean {
    if (typeof error !== 'object' || error === null || Reflect.get(error, brand) !== true) return false
    const actual: unknown = Reflect.get(error, 'code')
    return isErrorCode(actual) && (code === undefined || code === actual)
  }
}

// On the prototype, so that neither inspection nor JSON shows them.
Object.defineProperty(EngineError.prototype, brand, { value: true })
Object.defineProperty(EngineError.prototype, 'name', { value: 'EngineError', configurable: true, writable: true })
