// SPDX-License-Identifier: Apache-2.0
import type { Signal } from './signal-name.js'

/** What a finished command left behind. */
export interface ExecResult<T extends string | Uint8Array = string> {
  /** What was run. */
  readonly argv: readonly string[]
  /** Exit code; 128+n if signal n killed it. */
  readonly exitCode: number
  /** What killed it; null if it ended by itself. */
  readonly signal: Signal | null
  /** Everything it wrote, untrimmed; empty if it was not buffered. */
  readonly stdout: T
  /** As `stdout`. */
  readonly stderr: T
  /** Whether it was killed because of `timeoutMs`. */
  readonly timedOut: boolean
  /** Whether the kernel killed one of its processes for want of memory. */
  readonly oomKilled: boolean
  /** From the start of the program to its end. */
  readonly durationMs: number
  /** What it used, with all it started. */
  readonly usage: {
    /** Time of processors. */
    readonly cpuMs: number
    /** The most memory at one time; null where the kernel does not count it. */
    readonly memoryPeakBytes: number | null
  }
}
