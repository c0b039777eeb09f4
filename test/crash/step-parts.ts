// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises'
import type { Actor } from './actor-process.js'

// The second where the loss was noticed before anything was asked.
export const lost = ['ERR_SUPERVISOR_LOST', 'ERR_CONTAINER_NOT_FOUND']
export const dead = ['dead']
export const workFailures = ['ERR_WORKER_LOST', 'ERR_NATIVE']

const delay = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

// The reaper of an earlier life is a child too: children are counted from when it is through.
export const quiet = async () => delay(120)
export const quietly =
  (prepare: (actor: Actor) => Promise<unknown> = async () => {}) =>
  async (actor: Actor) => {
    await prepare(actor)
    await quiet()
  }

const parentOf = async (pid: number): Promise<number> =>
  Number((await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ')[1])

const initNamed = async (actor: Actor, name: string): Promise<number> => (await actor.do('get', name)).pid ?? 0

export const initOf = (actor: Actor): Promise<number> => initNamed(actor, 'box')

// One that is started again and again is now and then not there.
export const monitorNamed = async (actor: Actor, name: string): Promise<number> => {
  for (let attempt = 0; attempt < 100; attempt++) {
    const init = await initNamed(actor, name)
    const parent = init > 0 ? await parentOf(init).catch(() => 0) : 0
    if (parent > 1) return parent
    await delay(5)
  }
  throw new Error('the container has no init')
}

export const monitorOf = (actor: Actor): Promise<number> => monitorNamed(actor, 'box')
