// SPDX-License-Identifier: Apache-2.0
import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { Actor, type ActorError } from '../crash/actor-process.js'
import { settle, type World } from '../crash/world.js'
import type { Came, FaultFile } from './fault-file.js'
import type { Fault } from './fault-kinds.js'
import type { Operation } from './operations.js'

/** Where walks take place. */
export interface Ground {
  readonly world: World
  readonly file: FaultFile
  actor: Actor
  /** What is there when nothing is going on: what was promised. */
  readonly usual: ReadonlySet<string>
}

/** What became of one point. */
export interface Walked {
  readonly came: Came
  /** The code that the operation failed with; undefined where it came through. */
  readonly code: string | undefined
  readonly wrongs: readonly string[]
}

const deadlineMs = 20_000
const settled = { timeoutMs: 4000 }

/** Does the operation with the fault at call `wanted` of it (0: only counts), and looks at what it left. */
export const walkPoint = async (
  ground: Ground,
  operation: Operation,
  fault: Fault,
  wanted: number,
): Promise<Walked> => {
  const wrongs: string[] = []
  const check = async (what: string, deed: () => Promise<unknown>) => {
    await within(deed()).catch((error: Error) => wrongs.push(`${what}: ${error.message}`))
  }
  const supervisor = await ground.actor.do('open')
  await operation.prepare?.(ground.actor)
  const { failure, came } = await struck(ground, operation, fault, { wanted, supervisor })
  if (failure && !isAllowed(failure, fault)) wrongs.push(`it fails with ${failure.message}`)
  if (failure && !came.hit) wrongs.push(`it fails undisturbed with ${failure.message}`)
  if (came.crashed > 0) wrongs.push(`a process of the engine crashed with signal ${came.crashed}`)
  if (fault.victim === 'node' || failure?.code === 'hangs') {
    await ground.actor.kill()
    ground.actor = await Actor.start(ground.world)
  }
  let opened: number | undefined
  await check('opening again', async () => {
    opened = await ground.actor.do('open')
  })
  await check('what was promised', async () => {
    const broken = await ground.actor.do('broken')
    if (broken.length > 0) throw new Error(broken.join('; '))
  })
  await check('clearing', () => clear(ground.actor))
  const left = async () => {
    const lines = await settle(ground.world, {
      ...settled,
      supervisor: opened,
      isUsual: (line) => isUsual(ground, line),
    })
    for (const line of lines) wrongs.push(`left: ${line}`)
  }
  await left()
  await check('once more', async () => {
    await operation.prepare?.(ground.actor)
    await operation.act(ground.actor)
    await operation.proof?.(ground.actor)
  })
  // What it did once more is there: a supervisor that dies with it leaves work to the next one.
  await check('opening at last', async () => {
    await ground.actor.do('crash')
    opened = await ground.actor.do('open')
    await clear(ground.actor)
  })
  await left()
  return { came, code: failure?.code, wrongs }
}

// An address that was claimed by somebody who died before its record was whole is nobody's after ten seconds, whoever starts then takes it away.
const isUsual = ({ usual, world }: Ground, line: string): boolean => {
  if (usual.has(line)) return true
  const [kind = '', name = ''] = line.split(' ')
  const directory = { place: 'endpoints', address: 'addresses' }[kind]
  if (directory === undefined || (kind === 'place' && !name.endsWith('.new'))) return false
  const stat = lstatSync(join(world.runRoot, 'v1', directory, name), { throwIfNoEntry: false })
  return stat === undefined || Date.now() - stat.ctimeMs < 15_000
}

const clear = async (actor: Actor): Promise<void> => {
  await actor.do('clear')
  await actor.do('removeImages')
}

// An EngineError with a code, or, where Node was killed, nothing at all.
const isAllowed = ({ code }: ActorError, { victim }: Fault): boolean =>
  code === 'dead' ? victim === 'node' : code !== 'none' && code !== 'hangs'

const within = async <T>(promise: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const hangs = Object.assign(new Error('it hangs'), { code: 'hangs' })
    timer = setTimeout(() => reject(hangs), deadlineMs)
  })
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

// One that nobody needed any more may have left by itself.
const killIfThere = (pid: number) => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

interface Strike {
  readonly wanted: number
  readonly supervisor: number
}

const struck = async (
  { file, actor }: Ground,
  operation: Operation,
  { order, victim }: Fault,
  { wanted, supervisor }: Strike,
): Promise<{ readonly failure: ActorError | undefined; readonly came: Came }> => {
  file.arm({ ...order, wanted })
  let isOver = false
  const executioner = async () => {
    while (!isOver && !file.came.hit) await new Promise((resolve) => setTimeout(resolve, 1))
    if (!file.came.hit) return
    if (victim === 'node') await actor.kill()
    else killIfThere(supervisor)
    file.letGo()
  }
  const killing = victim && executioner()
  const failure = await within(operation.act(actor)).then(
    () => undefined,
    (error: ActorError) => error,
  )
  isOver = true
  await killing
  const { came } = file
  file.disarm()
  return { failure, came }
}
