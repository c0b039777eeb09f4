// SPDX-License-Identifier: Apache-2.0
import type { BuildStep } from './build-progress.js'

/** How a step of a build went. */
export interface BuildStepReport extends BuildStep {
  /** `waiting`: the build ended before it. */
  readonly state: 'waiting' | 'running' | 'cached' | 'done' | 'failed'
  /** Milliseconds since the build began; null if it never did. */
  readonly startedMs: number | null
  /** In milliseconds; 0 where its result was there already. */
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
  /** When the build began. */
  readonly startedAt: Date
  /** In milliseconds, to the end of whatever came of it. */
  readonly durationMs: number
  /** `aborted`: the caller's signal ended it. */
  readonly outcome: 'succeeded' | 'failed' | 'aborted'
  /** Of the failure. */
  readonly message: string | null
  /** Id of the image that was built. */
  readonly image: string | null
  /** What it was to be called. */
  readonly tags: readonly string[]
  /** The stage that was asked for. */
  readonly target: string | null
  /** Those that the target needs. */
  readonly steps: readonly BuildStepReport[]
}
