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

/** What every event has. */
export interface BuildEventBase<Type extends string> {
  /** What happened. */
  readonly type: Type
  /** When it happened. */
  readonly time: Date
}

/** What happened to a step. */
export interface BuildStepEvent<Type extends string> extends BuildEventBase<Type> {
  /** Whose it is. */
  readonly step: BuildStep
}

/** What is going to be done, first of all; steps that nobody needs are not in it. */
export interface BuildGraphEvent extends BuildEventBase<'graph'> {
  /** In the order of their numbers. */
  readonly steps: readonly BuildStep[]
}

/** Something in the Dockerfile that works and should be otherwise, or a cache that was of no use. */
export interface BuildWarningEvent extends BuildEventBase<'warning'> {
  /** As `# check=skip=…` names it; `CacheImport` and `CacheExport` for caches. */
  readonly rule: string
  /** A sentence. */
  readonly message: string
  /** From 1. */
  readonly line: number | null
}

/** A step wrote something. */
export interface BuildOutputEvent extends BuildStepEvent<'output'> {
  /** Where it wrote. */
  readonly stream: 'stdout' | 'stderr'
  /** What it wrote, with ends of lines. */
  readonly chunk: Uint8Array
}

/** A step is done. */
export interface BuildDoneEvent extends BuildStepEvent<'done'> {
  /** In milliseconds. */
  readonly durationMs: number
  /** Bytes of the files it added or changed. */
  readonly sizeBytes: number
}

/** A step failed, and the build with it. */
export interface BuildFailedEvent extends BuildStepEvent<'failed'> {
  /** What the build rejects with. */
  readonly error: unknown
  /** The end of what it wrote. */
  readonly lastLines: readonly string[]
}

/** The image is in the store. */
export interface BuildImageEvent extends BuildEventBase<'image'> {
  /** Of the image. */
  readonly id: Digest
  /** What it is called. */
  readonly tags: readonly string[]
}

/** What is told of a build. A step that is `cached` was not begun: its result was there. */
export type BuildProgress =
  | BuildGraphEvent
  | BuildWarningEvent
  | BuildStepEvent<'started'>
  | BuildOutputEvent
  | BuildStepEvent<'cached'>
  | BuildDoneEvent
  | BuildFailedEvent
  | BuildImageEvent

/** The work of a graph that a step shows. */
export type StepOf = ReadonlyMap<WorkEvent['work'], BuildStep>
