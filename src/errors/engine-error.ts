// SPDX-License-Identifier: Apache-2.0
import { type ErrorCode, isErrorCode } from './error-code.js'
import type { ExecResult } from './exec-result.js'
import type { ExitStatus } from './exit-status.js'
import type { HostReport } from './host-report.js'
import type { LogEntry } from './log-entry.js'
import { printable } from './printable.js'

/** What some codes carry beside the common fields. */
export interface ErrorDetails {
  ERR_EXEC_FAILED: { readonly result: ExecResult<string | Uint8Array> }
  ERR_EXEC_TIMEOUT: { readonly result: ExecResult<string | Uint8Array> }
  ERR_EXEC_OUTPUT_LIMIT: { readonly result: ExecResult<string | Uint8Array> }
  ERR_CONTAINER_EXITED: { readonly exit: ExitStatus; readonly logs: readonly LogEntry[] }
  ERR_HOST_UNSUPPORTED: { readonly report: HostReport | null }
}

/** An {@link EngineError} known to have that code, with what this code carries. */
export type EngineErrorOf<C extends ErrorCode> = EngineError & { readonly code: C } & (C extends keyof ErrorDetails
    ? ErrorDetails[C]
    : unknown)

interface CommonFields {
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
  readonly cause?: unknown
}

/** Codes that carry nothing but the common fields. */
export type PlainErrorCode = Exclude<ErrorCode, keyof ErrorDetails>

/** What an {@link EngineError} is made of; the details of its code are required with it. */
export type EngineErrorFields =
  | (CommonFields & { readonly code: PlainErrorCode })
  | { [K in keyof ErrorDetails]: CommonFields & { readonly code: K } & ErrorDetails[K] }[keyof ErrorDetails]

const brand = Symbol.for('tscontainer.EngineError')
const optionalFields = ['hint', 'option', 'step', 'errno', 'object'] as const
const detailFields = ['result', 'exit', 'logs', 'report'] as const

/** The one error type of the engine: a code from a closed union, a sentence and, where it is known, the cure. */
export class EngineError extends Error {
  readonly code: ErrorCode
  declare readonly hint?: string
  declare readonly option?: string
  declare readonly step?: string
  declare readonly errno?: string
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
