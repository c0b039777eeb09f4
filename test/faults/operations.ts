// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { Actor } from '../crash/actor-process.js'
import type { BoxOptions } from '../crash/deeds.js'
import type { Materials } from '../crash/steps.js'
import type { Walker } from './walker.js'

/** Something that is done with an engine while a step of it goes wrong. */
export interface Operation {
  readonly name: string
  /** Brings the world to where it begins. */
  readonly prepare?: (actor: Actor) => Promise<unknown>
  readonly act: (actor: Actor) => Promise<unknown>
  /** What has to hold when it was done undisturbed. */
  readonly proof?: (actor: Actor) => Promise<unknown>
  /** The fault that makes no sense there. */
  readonly without?: string
}

type Deed = (actor: Actor) => Promise<unknown>

/** The containers that are made. */
interface Boxes {
  readonly box: BoxOptions
  readonly detached: BoxOptions
  readonly volumes: BoxOptions
}

const boxesOf = ({ isOrdinary }: Walker): Boxes => {
  const box = { name: 'box', ...(isOrdinary ? {} : { memory: '64MiB', cpus: 0.5, pidsLimit: 100 }) }
  const mounts: BoxOptions['mounts'] = [
    { type: 'volume', source: 'filled', target: '/etc' },
    { type: 'volume', target: '/own' },
  ]
  return { box, detached: { name: 'box', detached: true }, volumes: { ...box, mounts } }
}

const create =
  (options: BoxOptions): Deed =>
  (actor) =>
    actor.do('create', options)
const run =
  (options: BoxOptions): Deed =>
  (actor) =>
    actor.do('run', options)
const named =
  (deed: 'start' | 'stop' | 'remove' | 'pause' | 'files' | 'attach'): Deed =>
  (actor) =>
    actor.do(deed, 'box')
const exec: Deed = (actor) => says(actor, 'echo hello', 'hello\n')
const network: Deed = (actor) => actor.do('network', 'net')
const write: Deed = (actor) => actor.do('write', { name: 'box', path: '/tmp/written', text: 'written' })

const says = async (actor: Actor, script: string, expected: string): Promise<void> => {
  const said = await actor.do('exec', { name: 'box', script })
  if (said !== expected) throw new Error(`the container says ${JSON.stringify(said)}`)
}

const both =
  (...deeds: readonly Deed[]): Deed =>
  async (actor) => {
    for (const deed of deeds) await deed(actor)
  }

const alive: Deed = async (actor) => {
  await named('start')(actor)
  await exec(actor)
}

const containers = ({ box, detached, volumes }: Boxes): readonly Operation[] => [
  { name: 'create', act: create(box), proof: alive },
  { name: 'create with volumes', act: create(volumes), proof: alive },
  { name: 'create detached', act: create(detached), proof: alive },
  { name: 'start', prepare: create(box), act: named('start'), proof: exec },
  { name: 'exec', prepare: run(box), act: exec },
  { name: 'attach', prepare: run({ ...box, command: ['cat'], stdin: 'pipe' }), act: named('attach') },
  { name: 'pause', prepare: run(box), act: named('pause') },
  { name: 'stop', prepare: run(box), act: named('stop') },
  { name: 'stop detached', prepare: run(detached), act: named('stop') },
  { name: 'remove', prepare: both(run(box), named('stop')), act: named('remove') },
  { name: 'remove detached', prepare: run(detached), act: named('remove') },
  { name: 'files', prepare: run(box), act: named('files') },
  {
    name: 'write stopped',
    prepare: create(box),
    act: write,
    proof: both(named('start'), (actor) => says(actor, 'cat /tmp/written', 'written')),
  },
]

const images = ({ layoutTar, rootTar, reference, savedTar, tree }: Materials, { box }: Boxes): readonly Operation[] => {
  const importing: Deed = (actor) => actor.do('import', rootTar)
  const runs =
    (image: string, script: string, expected: string): Deed =>
    async (actor) => {
      await actor.do('run', { ...box, image })
      await says(actor, script, expected)
    }
  const text = 'FROM promised:1\nCOPY file /copied/\nRUN cp /copied/file /made\n'
  const changed = both(
    importing,
    (actor) => actor.do('run', { ...box, image: 'crash:1' }),
    (actor) => actor.do('exec', { name: 'box', script: 'mkdir /made && echo more > /made/file && rm /file' }),
  )
  const save: Deed = (actor) => actor.do('save', { name: 'crash:1', path: savedTar })
  const loaded: Deed = async (actor) => {
    await actor.do('removeImages')
    await actor.do('load', savedTar)
    await rm(savedTar)
  }
  return [
    { name: 'import', act: importing, proof: runs('crash:1', 'cat /file', 'content\n') },
    { name: 'load', act: (actor) => actor.do('load', layoutTar) },
    { name: 'pull', act: (actor) => actor.do('pull', reference), proof: runs(reference, 'cat /file', 'content\n') },
    { name: 'save', prepare: importing, act: save, proof: loaded },
    {
      name: 'commit',
      prepare: changed,
      act: (actor) => actor.do('commit', { name: 'box', tag: 'crash:committed' }),
      proof: async (actor) => {
        await actor.do('remove', 'box')
        await runs('crash:committed', 'cat /made/file; ls /file 2>/dev/null || true', 'more\n')(actor)
      },
    },
    {
      name: 'build',
      act: (actor) => actor.do('build', { text, tag: 'crash:built', context: tree, secret: 'none' }),
      proof: runs('crash:built', 'cat /made', 'content\n'),
    },
    {
      name: 'prune',
      prepare: both(importing, (actor) => actor.do('untag', 'crash:1')),
      act: (actor) => actor.do('prune'),
    },
  ]
}

const connect: Deed = (actor) => actor.do('connect', { network: 'net', name: 'box' })
const disconnect: Deed = (actor) => actor.do('disconnect', { network: 'net', name: 'box' })
const found: Deed = (actor) => actor.do('exec', { name: 'box', script: 'getent ahostsv4 box' })
const placedIn = ({ box }: Boxes): Deed => run({ ...box, network: 'net', ports: ['127.0.0.1:28124:80'] })

const networks = (boxes: Boxes): readonly Operation[] => [
  { name: 'network create', act: network },
  {
    name: 'network connect',
    prepare: both(network, run(boxes.box)),
    act: connect,
    proof: (actor) => says(actor, 'ls -d /sys/class/net/* | wc -l', '2\n'),
  },
  { name: 'run with a port', prepare: network, act: placedIn(boxes), proof: found },
  { name: 'network disconnect', prepare: both(network, placedIn(boxes)), act: disconnect },
  { name: 'network remove', prepare: network, act: (actor) => actor.do('removeNetwork', 'net') },
]

// What closing comes to is done by the supervisor when Node has gone on already.
const closeWhole: Deed = async (actor) => {
  const supervisor = await actor.do('info')
  await actor.do('close')
  while (existsSync(`/proc/${supervisor}`)) await new Promise((resolve) => setTimeout(resolve, 5))
}

const others = ({ box }: Boxes): readonly Operation[] => [
  { name: 'volume create', act: (actor) => actor.do('volume', 'made') },
  {
    name: 'volume remove',
    prepare: (actor) => actor.do('volume', 'made'),
    act: (actor) => actor.do('removeVolume', 'made'),
  },
  { name: 'close', prepare: run(box), act: closeWhole, proof: (actor) => actor.do('open') },
  {
    name: 'open',
    prepare: both(run(box), (actor) => actor.do('crash')),
    act: (actor) => actor.do('open'),
    // There is none before it has begun.
    without: 'kill-supervisor',
  },
]

/** What is walked by that user. */
export const operations = (materials: Materials, walker: Walker): readonly Operation[] => {
  const boxes = boxesOf(walker)
  const all = [...containers(boxes), ...images(materials, boxes), ...networks(boxes), ...others(boxes)]
  return all.filter(({ name }) => name !== 'pause' || !walker.isOrdinary)
}
