// SPDX-License-Identifier: Apache-2.0
import type { Actor, ActorError } from '../crash/actor-process.js'
import type { Came, FaultFile } from './fault-file.js'
import type { Fault } from './fault-kinds.js'
import type { Operation } from './operations.js'

/** Which call of an operation: the nth of all, or of those that are come to in that way. */
export interface Point {
  readonly wanted: number
  readonly way?: number
}

/** What came of an operation that was struck. */
export interface Struck {
  /** Its code is `hangs` where there was no end to it. */
  readonly failure: ActorError | undefined
  readonly came: Came
}

interface Ring {
  readonly file: FaultFile
  readonly actor: Actor
  readonly supervisor: number
}

const deadlineMs = 10_000

/** Does the operation, during which the fault strikes at that point. */
export const strike = async (
  { file, actor, supervisor }: Ring,
  { act }: Operation,
  { order, victim }: Fault,
  point: Point,
): Promise<Struck> => {
  file.arm({ ...order, ...point })
  let isOver = false
  const executioner = async () => {
    while (!isOver && !file.came.hit) await new Promise((resolve) => setTimeout(resolve, 1))
    if (!file.came.hit) return
    if (victim === 'node') await actor.kill()
    else killIfThere(supervisor)
    file.letGo()
  }
  const killing = victim && executioner()
  const failure = await within(act(actor)).then(
    () => undefined,
    (error: ActorError) => error,
  )
  isOver = true
  await killing
  const { came } = file
  file.disarm()
  return { failure, came }
}

/** Rejects with the code `hangs` where it takes too long. */
export const within = async <T>(promise: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const hangs = Object.assign(new Error('it hangs'), { code: 'hangs' })
    timer = setTimeout(() => reject(hangs), deadlineMs)
  })
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** One that nobody needed any more may have left by itself. */
export const killIfThere = (pid: number) => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
