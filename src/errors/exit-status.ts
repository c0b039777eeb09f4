// SPDX-License-Identifier: Apache-2.0
import type { Signal } from './signal-name.js'

/** How a container's main process ended. */
export interface ExitStatus {
  /** Exit code; 128+n if signal n ended it. */
  readonly code: number
  /** What ended it; null if it ended by itself. */
  readonly signal: Signal | null
  /** Whether the kernel killed the main process for want of memory. */
  readonly oomKilled: boolean
  /** When it began to run. */
  readonly startedAt: Date
  /** When it ended. */
  readonly finishedAt: Date
}
