// SPDX-License-Identifier: Apache-2.0
import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Actor, type ActorError } from '../crash/actor-process.js'
import { processesIn, settle, type World } from '../crash/world.js'
import type { Came, FaultFile } from './fault-file.js'
import type { Fault } from './fault-kinds.js'
import type { Operation } from './operations.js'
import { killIfThere, type Point, strike, within } from './strike.js'

/** Where walks take place. */
export interface Ground {
  readonly world: World
  /** What actors are started with. */
  readonly prefix: readonly string[]
  readonly file: FaultFile
  /** Of the actor itself. */
  readonly nodeFile: FaultFile
  actor: Actor
  /** What is there when nothing is going on: what was promised. */
  readonly usual: ReadonlySet<string>
}

/** The file that tells whoever a fault is for. */
export const fileOf = ({ file, nodeFile }: Ground, { inNode }: Fault): FaultFile => (inNode ? nodeFile : file)

/** What became of one point. */
export interface Walked {
  readonly came: Came
  /** The code that the operation failed with; undefined where it came through. */
  readonly code: string | undefined
  readonly wrongs: readonly string[]
}

/** Does the operation with the fault at that call of it (`wanted` 0: only counts), and looks at what it left after the next opening. */
export const walkPoint = async (ground: Ground, operation: Operation, fault: Fault, point: Point): Promise<Walked> => {
  const { wrongs, check } = checking()
  let supervisor = 0
  await check('beginning', async () => {
    supervisor = await ground.actor.do('open')
    await operation.prepare?.(ground.actor)
  })
  if (wrongs.length > 0) return { came: ground.file.came, code: undefined, wrongs: await afresh(ground, wrongs) }
  const { failure, came } = await strike(
    { actor: ground.actor, file: fileOf(ground, fault), supervisor },
    operation,
    fault,
    point,
  )
  if (failure && !isAllowed(failure, fault)) wrongs.push(`it fails with ${failure.message}`)
  if (failure && !came.hit) wrongs.push(`it fails undisturbed with ${failure.message}`)
  if (came.crashed > 0) wrongs.push(`a process of the engine crashed with signal ${came.crashed}`)
  if (fault.victim === 'node' || failure?.code === 'hangs' || failure?.code === 'dead') await renew(ground)
  let opened: number | undefined
  await check('opening again', async () => {
    opened = await ground.actor.do('open')
  })
  await check('what was promised', () => promised(ground, { whole: false }))
  await check('clearing', () => clear(ground.actor))
  if (opened !== undefined) wrongs.push(...(await leftovers(ground, opened)))
  return { came, code: failure?.code, wrongs: wrongs.length > 0 ? await afresh(ground, wrongs) : wrongs }
}

/** Does the operation undisturbed, and then has another supervisor open what it did when its own was killed. Resolves with what is wrong. */
export const doAgain = async (ground: Ground, operation: Operation): Promise<readonly string[]> => {
  const { wrongs, check } = checking()
  await check('once more', async () => {
    await operation.prepare?.(ground.actor)
    await operation.act(ground.actor)
    await operation.proof?.(ground.actor)
  })
  await check('what was promised', () => promised(ground, { whole: true }))
  let opened: number | undefined
  await check('opening at last', async () => {
    await ground.actor.do('crash')
    ground.file.begin()
    opened = await ground.actor.do('open')
    await clear(ground.actor)
  })
  if (opened !== undefined) wrongs.push(...(await leftovers(ground, opened)))
  return wrongs.length > 0 ? await afresh(ground, wrongs) : wrongs
}

const promised = async ({ actor }: Ground, how: { readonly whole: boolean }): Promise<void> => {
  const broken = await actor.do('broken', how)
  if (broken.length > 0) throw new Error(broken.join('; '))
}

const checking = () => {
  const wrongs: string[] = []
  const check = async (what: string, deed: () => Promise<unknown>) => {
    await within(deed()).catch((error: Error) => wrongs.push(`${what}: ${error.message}`))
  }
  return { wrongs, check }
}

const leftovers = async (ground: Ground, supervisor: number): Promise<readonly string[]> => {
  const options = { timeoutMs: 4000, supervisor, isUsual: (line: string) => isUsual(ground, line) }
  return (await settle(ground.world, options)).map((line) => `left: ${line}`)
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

// Says who is there, and goes on with another program and another supervisor: what was wrong once is not to be so at each point from then on.
const afresh = async (ground: Ground, wrongs: readonly string[]): Promise<readonly string[]> => {
  const there = processesIn(ground.world).filter((line) => !ground.usual.has(`process ${line}`))
  const seen = there.map((line) => `there is ${line}, in ${whereIs(line.split(' ')[0])}`)
  await ground.actor.kill()
  for (const line of there) killIfThere(Number(line.split(' ')[0]))
  ground.actor = await Actor.start(ground.world, ground.prefix)
  const { wrongs: still, check } = checking()
  await check('afresh', async () => {
    ground.file.begin()
    await ground.actor.do('open')
    await clear(ground.actor)
  })
  return [...wrongs, ...seen, ...still]
}

const renew = async (ground: Ground): Promise<void> => {
  await ground.actor.kill()
  ground.actor = await Actor.start(ground.world, ground.prefix)
}

const whereIs = (pid: string | undefined): string => {
  try {
    return `${readFileSync(`/proc/${pid}/wchan`, 'utf8')} of ${readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[3]}`
  } catch {
    return 'its end'
  }
}

const clear = async (actor: Actor): Promise<void> => {
  await actor.do('clear')
  await actor.do('removeImages')
}

// An EngineError with a code, or, where Node was killed, nothing at all.
const isAllowed = ({ code }: ActorError, { victim, inNode, order }: Fault): boolean =>
  code === 'dead'
    ? victim === 'node' || (inNode === true && order.action === 'die')
    : code !== 'none' && code !== 'hangs'
