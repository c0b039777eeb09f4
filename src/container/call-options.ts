// SPDX-License-Identifier: Apache-2.0
import { optionCheck } from '../runtime/option-checks.js'
import { check, type Shape } from '../util/validate.js'

/** What every call takes. */
export interface CallOptions {
  /** Aborted: what was begun is undone, and the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined
}

/** How to stop a container. */
export interface StopOptions extends CallOptions {
  /** How long it may take to end by itself before everything in it is killed; the container's own by default. */
  readonly timeoutMs?: number | undefined
  /** The signal that asks it to; the container's own by default. */
  readonly stopSignal?: string | undefined
}

/** How to remove a container. */
export interface RemoveOptions extends CallOptions {
  /** Also when it runs: it is killed then. */
  readonly force?: boolean | undefined
  /** Also the volumes that were made for it; those with a name stay. False by default. */
  readonly volumes?: boolean | undefined
}

/** What to wait for. */
export interface WaitOptions extends CallOptions {
  /** `'stopped'`: it does not run any more, and no restart is to come, the default; `'removed'`: it is gone. */
  readonly condition?: 'stopped' | 'removed' | undefined
}

/** How often to sample. */
export interface StatsOptions extends CallOptions {
  /** 1000 by default. */
  readonly intervalMs?: number | undefined
}

export const callShape: Shape<CallOptions> = { signal: check.signal }
export const stopShape: Shape<StopOptions> = {
  ...callShape,
  timeoutMs: check.timeoutMs,
  stopSignal: optionCheck.signal,
}
export const removeShape: Shape<RemoveOptions> = {
  ...callShape,
  force: check.boolean,
  volumes: check.boolean,
}
export const waitShape: Shape<WaitOptions> = { ...callShape, condition: check.oneOf('stopped', 'removed') }
export const statsShape: Shape<StatsOptions> = {
  ...callShape,
  intervalMs: check.integer({ min: 10, max: 2 ** 31 - 1 }),
}
