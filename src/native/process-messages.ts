// SPDX-License-Identifier: Apache-2.0
import type { DescriptorIndex } from './create-message.js'

// Messages about execs and attachments (docs/protocol.md).

export interface ExecArguments {
  readonly container: string
  readonly exec: string
  /** OCI process. */
  readonly process: object
  readonly stdin?: DescriptorIndex
  readonly stdout?: DescriptorIndex
  readonly stderr?: DescriptorIndex
  readonly timeoutMs?: number
  readonly killGraceMs?: number
  readonly detached: boolean
  /** The reading ends of its pipes: where it is detached they are read empty once this process has gone. */
  readonly outputs?: readonly DescriptorIndex[]
  /** OCI resources, of this one alone. */
  readonly limits?: object
  /** Its terminal is kept, so that it can be left running. */
  readonly detachable?: boolean
}

export interface ExecOutcome {
  readonly exitCode: number
  readonly signal: number | null
  readonly timedOut: boolean
  readonly oomKilled: boolean
  readonly durationMs: number
  readonly cpuMs: number
  readonly memoryPeakBytes: number | null
}

/** An exec as `execs` gives it. */
export interface ExecInfo {
  readonly id: string
  readonly pid: number | null
  /** The first 4 KiB of it. */
  readonly argv: readonly string[]
  readonly detached: boolean
  readonly startedAt: number
  readonly endedAt: number | null
  readonly result: ExecOutcome | null
}

export interface AttachArguments {
  readonly container: string
  /** For `input.end`. */
  readonly attachment: string
  readonly stdin?: DescriptorIndex
  readonly stdout?: DescriptorIndex
  readonly stderr?: DescriptorIndex
  /** The container waits for a slow reader; else what does not fit is left out. */
  readonly holdBack: boolean
}

export type AttachProgress = { readonly attached: true } | { readonly ended: true } | { readonly lostBytes: number }

/** The terminal's master is its descriptor when the process has a terminal. */
export interface ExecProgress {
  readonly spawned: { readonly pid: number }
}
