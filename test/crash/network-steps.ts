// SPDX-License-Identifier: Apache-2.0
import type { Actor } from './actor-process.js'
import type { Step } from './round.js'
import { dead, lost, monitorOf } from './step-parts.js'

const port = 28_123
const box = { name: 'box' } as const
const published = { ...box, network: 'net', ports: [`127.0.0.1:${port}:80`] }

const network = (actor: Actor) => actor.do('network', 'net')
const connect = (actor: Actor) => actor.do('connect', { network: 'net', name: 'box' })
const disconnect = (actor: Actor) => actor.do('disconnect', { network: 'net', name: 'box' })
const run = (options: object) => async (actor: Actor) => {
  await network(actor)
  await actor.do('run', { ...box, ...options })
}

// Whatever there is now: the network can be had, and the port, and the container's name means its address.
const works = async (actor: Actor) => {
  await actor.do('clear')
  if (!(await actor.do('networks')).includes('net')) await network(actor)
  await actor.do('run', published)
  const [own, found] = await Promise.all(
    ['cat /proc/net/fib_trie', 'getent ahostsv4 box'].map((script) => actor.do('exec', { name: 'box', script })),
  )
  const address = /^(\d+\.\d+\.\d+\.\d+)/.exec(found ?? '')?.[1]
  if (address === undefined || !own?.includes(address)) throw new Error(`the container is found at ${found}`)
}

interface Scene {
  readonly name: string
  readonly prepare?: (actor: Actor) => Promise<unknown>
  readonly act: (actor: Actor) => Promise<unknown>
}

const scenes: readonly Scene[] = [
  { name: 'make network', act: network },
  { name: 'connect', prepare: run({}), act: connect },
  { name: 'publish', prepare: network, act: (actor) => actor.do('run', published) },
  { name: 'disconnect', prepare: run(published), act: disconnect },
  { name: 'end of a published port', prepare: run(published), act: (actor) => actor.do('remove', 'box') },
  { name: 'remove network', prepare: network, act: (actor) => actor.do('removeNetwork', 'net') },
]

/** The supervisor, Node or a monitor dies while networks and places on them come and go. */
export const networkSteps = (): readonly Step[] => {
  const owned = scenes.flatMap((scene): readonly Step[] => [
    { ...scene, name: `supervisor: ${scene.name}`, codes: lost, after: works },
    { ...scene, name: `node: ${scene.name}`, victim: 'node', codes: dead, after: works },
  ])
  const detached = { watched: monitorOf, codes: lost, after: works }
  return [
    ...owned,
    { name: 'monitor: connect detached', prepare: run({ detached: true }), act: connect, ...detached },
    {
      name: 'monitor: disconnect detached',
      prepare: run({ ...published, detached: true }),
      act: disconnect,
      ...detached,
    },
  ]
}
