// SPDX-License-Identifier: Apache-2.0
import type { Signal } from './signal-name.js'

/** How a container's main process ended. */
export interface ExitStatus {
  /** Exit code; 128+n if signal n ended it. */
  readonly code: number
  readonly signal: Signal | null
  /** Whether the kernel killed the main process for want of memory. */
  readonly oomKilled: boolean
  readonly startedAt: Date
  readonly finishedAt: Date
}
