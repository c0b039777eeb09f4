// SPDX-License-Identifier: Apache-2.0
import type { Signal } from './signal-name.js'

/** What a finished command left behind. */
export interface ExecResult<T extends string | Uint8Array = string> {
  readonly argv: readonly string[]
  /** Exit code; 128+n if signal n killed it. */
  readonly exitCode: number
  readonly signal: Signal | null
  /** Everything it wrote, untrimmed; empty if it was not buffered. */
  readonly stdout: T
  readonly stderr: T
  readonly timedOut: boolean
  readonly oomKilled: boolean
  readonly durationMs: number
  readonly usage: { readonly cpuMs: number; readonly memoryPeakBytes: number | null }
}
