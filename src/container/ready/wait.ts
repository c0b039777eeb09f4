// SPDX-License-Identifier: Apache-2.0
import type { ExitStatus } from '../../errors/exit-status.js'
import { delay } from '../../util/delay.js'
import type { Subject } from '../operate.js'

/** What the wait for one condition is given. */
export interface Wait {
  readonly subject: Subject
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal
  /** How the container ended, once it has for good. Rejects when that will not be known. */
  readonly ended: Promise<ExitStatus>
  /** The log counts from here. */
  readonly since: string | undefined
  /** What is in the way now, for the error should it stay so. */
  note(problem: string): void
}

/** The container ended. */
export class Ended {
  readonly exit: ExitStatus

  constructor(exit: ExitStatus) {
    this.exit = exit
  }
}

const firstPauseMs = 5
const longestPauseMs = 100

/** Tries again and again until an attempt finds nothing in the way. */
export async function attempts(wait: Wait, attempt: () => Promise<string | undefined>): Promise<void> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    const problem = await attempt()
    if (problem === undefined) return
    wait.note(problem)
    await delay(pauseMs, wait.signal)
  }
}
