// SPDX-License-Identifier: Apache-2.0
import { Actor, type ActorError } from './actor-process.js'
import { type Moment, type Outcome, type Watch, watchProcess } from './kill-at.js'
import { settle, type World } from './world.js'

/** One step in the life of a container or an image, and who is watched through it. */
export interface Step {
  readonly name: string
  /** Brings the world to where the step begins. */
  readonly prepare?: ((actor: Actor) => Promise<unknown>) | undefined
  readonly act: (actor: Actor) => Promise<unknown>
  /** Whose calls count: the supervisor by default, else a child of it (kill-at.ts), or the process this finds. */
  readonly path?: string | undefined
  readonly watched?: ((actor: Actor, supervisor: number) => Promise<number>) | undefined
  /** Who dies: the one that is watched by default. */
  readonly victim?: 'node' | undefined
  /** What is made may be there although its maker died, since it is detached. */
  readonly outlives?: boolean | undefined
  /** The codes with which the step may fail when its victim dies. */
  readonly codes: readonly string[]
  /** What has to hold afterwards, beyond that nothing is left. Told with what the step failed. */
  readonly after?: ((actor: Actor, failure: ActorError | undefined) => Promise<unknown>) | undefined
}

/** Where rounds take place. */
export interface Ring {
  readonly tool: string
  readonly world: World
  actor: Actor
}

/** What went wrong in one round, a line each; and whether somebody died in it. */
export interface Report {
  readonly outcome: Outcome
  readonly wrongs: readonly string[]
}

const within = { timeoutMs: 1000 }
// An exec's process whose parent died has to be reaped by the machine's first process before the container's init can end, and some look
// only now and then.
const slowly = { timeoutMs: 4000 }

/** Which round it is. */
export interface Turn {
  /** At which call of the step somebody dies; 0: nobody. */
  readonly call: number
  /** Whether the engine is ended afterwards, so that the next round begins with nothing. Else it goes on with the next. */
  readonly isLast: boolean
}

/** Kills once, at that call of the step, and looks at what is left: after a second where Node died, else after the next opening. */
export const round = async (ring: Ring, step: Step, { call, isLast }: Turn): Promise<Report> => {
  const supervisor = await ring.actor.do('open')
  await step.prepare?.(ring.actor)
  const watch = await begin(ring, step, { call, supervisor })
  const failure = await step.act(ring.actor).then(
    () => undefined,
    (error: ActorError) => error,
  )
  const outcome = await watch.end()
  const wrongs: string[] = []
  const check = async (what: string, deed: () => Promise<unknown>) => {
    await deed().catch((error: Error) => wrongs.push(`${what}: ${error.message}`))
  }
  const nothing = async (left: Promise<readonly string[]>) => {
    for (const line of await left) wrongs.push(`left: ${line}`)
  }
  if (failure && !(outcome.killed && step.codes.includes(failure.code)))
    wrongs.push(`the step failed: ${failure.message}`)
  if (step.victim === 'node') {
    // What was being made of an image goes when the engine opens the next time.
    if (outcome.killed && !step.outlives) await nothing(settle(ring.world, { ...within, staging: false }))
    await ring.actor.kill()
    ring.actor = await Actor.start(ring.world)
  }
  let opened: number | undefined
  await check('opening again', async () => {
    opened = await ring.actor.do('open')
  })
  await check('afterwards', async () => step.after?.(ring.actor, failure))
  await check('clearing', () => ring.actor.do('clear'))
  await nothing(settle(ring.world, { ...slowly, supervisor: opened }))
  if (!isLast) return { outcome, wrongs }
  await check('another life', () => ring.actor.do('run', { name: 'box', memory: '64MiB' }))
  await check('its end', () => ring.actor.do('remove', 'box'))
  await check('closing', () => ring.actor.do('close'))
  await nothing(settle(ring.world, slowly))
  return { outcome, wrongs }
}

const begin = async (
  { tool, actor }: Ring,
  { path = '-', victim, watched }: Step,
  { call, supervisor }: { readonly call: number; readonly supervisor: number },
): Promise<Watch> => {
  const moment: Moment = { path, call, victim: victim && actor.pid }
  return await watchProcess(tool, (await watched?.(actor, supervisor)) ?? supervisor, moment)
}
