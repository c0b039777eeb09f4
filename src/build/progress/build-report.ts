// SPDX-License-Identifier: Apache-2.0
import type { BuildStep } from './build-progress.js'

/** How a step of a build went. */
export interface BuildStepReport extends BuildStep {
  /** `waiting`: the build ended before it. */
  readonly state: 'waiting' | 'running' | 'cached' | 'done' | 'failed'
  /** Milliseconds since the build began; null if it never did. */
  readonly startedMs: number | null
  readonly durationMs: number
  /** Bytes of the files it added or changed. */
  readonly sizeBytes: number
  /** The end of what it wrote. */
  readonly lastLines: readonly string[]
}

/** How a build went, as it can be read later. */
export interface BuildReport {
  /** 64 hex digits. */
  readonly id: string
  readonly startedAt: Date
  readonly durationMs: number
  readonly outcome: 'succeeded' | 'failed' | 'aborted'
  /** Of the failure. */
  readonly message: string | null
  /** Id of the image that was built. */
  readonly image: string | null
  readonly tags: readonly string[]
  readonly target: string | null
  readonly steps: readonly BuildStepReport[]
}
