// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '../../oci/digest.js'
import type { WorkEvent } from '../solver/work.js'

/** One step of a build, as it is shown. */
export interface BuildStep {
  /** Its number, from 1, in the order of the graph: what it needs has a lower one. */
  readonly id: number
  /** As `docker build` shows it: `[builder 2/5] RUN npm ci`. */
  readonly name: string
  /** The stage it belongs to; null for what all stages share, as contexts. */
  readonly stage: string | null
  /** Its first line in the Dockerfile, from 1; null where it comes from no line. */
  readonly line: number | null
  /** The steps whose results it works on. */
  readonly needs: readonly number[]
}

/** What is told of a build. Times are when it happened. */
export type BuildProgress =
  /** What is going to be done, first of all; steps that nobody needs are not in it. */
  | { readonly type: 'graph'; readonly time: Date; readonly steps: readonly BuildStep[] }
  /** Something in the Dockerfile that works and should be otherwise. */
  | {
      readonly type: 'warning'
      readonly time: Date
      readonly rule: string
      readonly message: string
      readonly line: number | null
    }
  | { readonly type: 'started'; readonly time: Date; readonly step: BuildStep }
  | {
      readonly type: 'output'
      readonly time: Date
      readonly step: BuildStep
      readonly stream: 'stdout' | 'stderr'
      readonly chunk: Uint8Array
    }
  /** Its result was there already. */
  | { readonly type: 'cached'; readonly time: Date; readonly step: BuildStep }
  /** `sizeBytes`: of the files it added or changed. */
  | {
      readonly type: 'done'
      readonly time: Date
      readonly step: BuildStep
      readonly durationMs: number
      readonly sizeBytes: number
    }
  /** `lastLines`: the end of what it wrote. */
  | {
      readonly type: 'failed'
      readonly time: Date
      readonly step: BuildStep
      readonly error: unknown
      readonly lastLines: readonly string[]
    }
  /** The image is in the store. */
  | { readonly type: 'image'; readonly time: Date; readonly id: Digest; readonly tags: readonly string[] }

/** The work of a graph that a step shows. */
export type StepOf = ReadonlyMap<WorkEvent['work'], BuildStep>
