// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
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

const endings = ['ERR_CONTAINER_STATE', 'ERR_CONTAINER_EXITED', 'ERR_CONTAINER_NOT_FOUND'] as const

/** What is in the way where the container does not run: whether it has ended for good is told by {@link Wait.ended}. Throws what is no sign of that. */
export function notRunning(error: unknown): string {
  if (!EngineError.is(error)) throw error
  // Entering a container whose init is just ending is EPERM to a supervisor without root.
  const entering = error.errno === 'EPERM' && error.step?.startsWith('join ')
  if (entering || error.errno === 'ESRCH' || endings.some((code) => code === error.code))
    return 'the container does not run'
  throw error
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
