// SPDX-License-Identifier: Apache-2.0
import type { Actor } from './actor-process.js'
import type { BoxOptions } from './deeds.js'
import type { Step } from './round.js'
import { dead, lost, monitorOf, quietly, workFailures } from './step-parts.js'
import type { Materials } from './steps.js'

interface Scene {
  readonly name: string
  readonly options: BoxOptions
  readonly act: (actor: Actor) => Promise<unknown>
}

const restarting: BoxOptions = { name: 'box', command: ['sh', '-c', 'sleep 0.02; exit 1'], restart: 'always' }
const healthcheck = { test: ['CMD', 'true'], intervalMs: 20 } as const
const restart = (actor: Actor) => actor.do('restarted', 'box')
const check = (actor: Actor) => actor.do('checked', 'box')
const runDetachedExec = (actor: Actor) => actor.do('detachedExec', 'box')

/** What is done with a container while it runs. */
const scenes = ({ tree }: Materials): readonly Scene[] => [
  { name: 'restart', options: restarting, act: restart },
  { name: 'health', options: { name: 'box', healthcheck }, act: check },
  { name: 'copy in', options: { name: 'box' }, act: (actor) => actor.do('copyIn', { name: 'box', from: tree }) },
  { name: 'files', options: { name: 'box' }, act: (actor) => actor.do('files', 'box') },
  {
    name: 'attach',
    options: { name: 'box', command: ['cat'], stdin: 'pipe' },
    act: (actor) => actor.do('attach', 'box'),
  },
  { name: 'detached exec', options: { name: 'box' }, act: runDetachedExec },
]

const run = (options: BoxOptions) => (actor: Actor) => actor.do('run', options)

// The container has nothing to do with the end of a worker.
const copiesAgain = (materials: Materials) => async (actor: Actor) => {
  await actor.do('clear')
  await actor.do('run', { name: 'box' })
  await actor.do('copyIn', { name: 'box', from: materials.tree })
}

/** The supervisor, Node or a worker dies while an owned container is used. */
export const useSteps = (materials: Materials): readonly Step[] => {
  const steps = scenes(materials).flatMap(({ name, options, act }): readonly Step[] => [
    { name: `supervisor: ${name}`, prepare: run(options), act, codes: lost },
    { name: `node: ${name}`, prepare: run(options), act, victim: 'node', codes: dead },
  ])
  const copyIn = scenes(materials).find(({ name }) => name === 'copy in') as Scene
  const worker = (name: string, path: string): Step => ({
    name: `${name}: copy in`,
    prepare: quietly(run(copyIn.options)),
    act: copyIn.act,
    path,
    codes: [...workFailures, 'ERR_ARCHIVE_INVALID', 'ERR_LAYER_INVALID'],
    after: copiesAgain(materials),
  })
  return [...steps, worker('packer', '0'), worker('unpacker', '1')]
}

// Nobody starts it again whose monitor died, before somebody asks; then it is as it was.
const goesOn =
  (act: Scene['act']): Step['after'] =>
  async (actor) => {
    if (!(await actor.do('names')).includes('box')) throw new Error('the container is gone')
    if ((await actor.do('get', 'box')).state === 'stopped') await actor.do('start', 'box').catch(alreadyStarted)
    await act(actor)
  }

const alreadyStarted = (error: Error) => {
  if (!error.message.includes('running')) throw error
}

/** The same with a container that has a monitor: its monitor dies, or Node, whom it outlives. */
export const detachedUseSteps = (materials: Materials): readonly Step[] =>
  scenes(materials)
    .filter(({ name }) => name !== 'attach')
    .flatMap(({ name, options, act }): readonly Step[] => {
      const detached = { prepare: run({ ...options, detached: true }), act, watched: monitorOf, after: goesOn(act) }
      return [
        { ...detached, name: `monitor: ${name} detached`, codes: lost },
        { ...detached, name: `node: ${name} detached`, victim: 'node', outlives: true, codes: dead },
      ]
    })
