// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Actor } from './actor-process.js'
import type { Step } from './round.js'
import { dead, initOf, lost, monitorOf, quiet, quietly, workFailures } from './step-parts.js'
import { isParkedInit } from './world.js'

/** What the steps of images need: made once. */
export interface Materials {
  /** The directory of a root file system. */
  readonly tree: string
  /** A tar of it. */
  readonly rootTar: string
  /** A tar of an OCI layout with one image. */
  readonly layoutTar: string
  /** The same image in a registry. */
  readonly reference: string
  /** Where an image may be saved. */
  readonly savedTar: string
}

// A container that meets everything: limits in several hierarchies, filter, user namespace, log.
const box = { name: 'box', memory: '64MiB', cpus: 0.5, pidsLimit: 100 } as const

const create = (actor: Actor) => actor.do('create', box)
const run = (actor: Actor) => actor.do('run', box)
// One that is the container's own, and one that is filled with what the image has at that place.
const filled = { type: 'volume', source: 'kept', target: '/etc' } as const
const createFilled = (actor: Actor) =>
  actor.do('create', { ...box, mounts: [filled, { type: 'volume', target: '/own' }] })

interface Scene {
  readonly name: string
  readonly prepare?: ((actor: Actor) => Promise<unknown>) | undefined
  readonly act: (actor: Actor) => Promise<unknown>
}

const stopped = async (actor: Actor) => {
  await run(actor)
  await actor.do('stop', 'box')
}
const paused = async (actor: Actor) => {
  await run(actor)
  await actor.do('pause', 'box')
}
const executing = async (actor: Actor) => {
  await run(actor)
  await actor.do('spawn', { name: 'box', script: 'sleep 1000 & sleep 1000' })
}

/** The steps of a container's and of an image's life. */
const scenes = ({ rootTar, layoutTar, reference }: Materials): readonly Scene[] => [
  { name: 'create', act: create },
  { name: 'create with volumes', act: createFilled },
  { name: 'start', prepare: create, act: (actor) => actor.do('start', 'box') },
  { name: 'exec', prepare: run, act: (actor) => actor.do('exec', { name: 'box', script: 'echo hello' }) },
  { name: 'exec, going on', prepare: executing, act: (actor) => actor.do('stop', 'box') },
  { name: 'pause', prepare: run, act: (actor) => actor.do('pause', 'box') },
  { name: 'stop, paused', prepare: paused, act: (actor) => actor.do('stop', 'box') },
  { name: 'stop', prepare: run, act: (actor) => actor.do('stop', 'box') },
  { name: 'start again', prepare: stopped, act: (actor) => actor.do('start', 'box') },
  { name: 'remove', prepare: stopped, act: (actor) => actor.do('remove', 'box') },
  { name: 'import', prepare: noImages, act: (actor) => actor.do('import', rootTar) },
  { name: 'load', prepare: noImages, act: (actor) => actor.do('load', layoutTar) },
  { name: 'pull', prepare: noImages, act: (actor) => actor.do('pull', reference) },
  { name: 'commit', prepare: changed(rootTar), act: commit },
  { name: 'close', prepare: run, act: (actor) => actor.do('close') },
]

// An empty volume, or one that was being filled, is filled by the next who has it.
const volumeIsWhole = async (actor: Actor) => {
  await actor.do('run', { name: 'whole', mounts: [filled] })
  const seen = await actor.do('exec', { name: 'whole', script: 'test -s /etc/passwd && find /etc | grep -vc zzz' })
  await actor.do('clear')
  await actor.do('run', { name: 'whole', mounts: [filled] })
  const expected = await actor.do('exec', { name: 'whole', script: 'test -s /etc/passwd && find /etc | grep -vc zzz' })
  if (seen !== expected) throw new Error(`the volume has ${seen} of ${expected} files`)
}

const noImages = (actor: Actor) => actor.do('removeImages')
const commit = (actor: Actor) => actor.do('commit', { name: 'box', tag: 'crash:committed' })

// A container of an image of its own, with something in it to be committed.
const changed = (rootTar: string) => async (actor: Actor) => {
  await noImages(actor)
  await actor.do('import', rootTar)
  await actor.do('run', { ...box, image: 'crash:1' })
  await actor.do('exec', { name: 'box', script: 'mkdir /made && echo more > /made/file && rm /data-3' })
}

// The image is whole or not there; either way it can be had.
const importWorks = (materials: Materials) => async (actor: Actor) => {
  await actor.do('import', materials.rootTar)
  await noImages(actor)
}

const pullWorks = (materials: Materials) => async (actor: Actor) => {
  await actor.do('pull', materials.reference)
  await actor.do('run', { name: 'pulled', image: materials.reference })
  const seen = await actor.do('exec', { name: 'pulled', script: 'cd / && echo data-*' })
  if (seen.split(' ').length !== 20) throw new Error(`the pulled image has ${seen}`)
  await actor.do('remove', 'pulled')
  await noImages(actor)
}

const commitWorks = (materials: Materials) => async (actor: Actor) => {
  await actor.do('clear')
  await changed(materials.rootTar)(actor)
  await commit(actor)
  await actor.do('run', { name: 'committed', image: 'crash:committed' })
  const seen = await actor.do('exec', { name: 'committed', script: 'cat /made/file; cd / && echo data-*' })
  if (!seen.startsWith('more\n') || seen.split(' ').length !== 19) throw new Error(`the committed image has ${seen}`)
  await actor.do('clear')
  await noImages(actor)
}

// The file is whole or not there; either way the image can be saved there.
const saveWorks = (materials: Materials) => async (actor: Actor) => {
  if (existsSync(materials.savedTar)) await actor.do('load', materials.savedTar)
  await noImages(actor)
  await actor.do('import', materials.rootTar)
  await actor.do('save', { name: 'crash:1', path: materials.savedTar })
  await noImages(actor)
  await actor.do('load', materials.savedTar)
  await noImages(actor)
  const directory = dirname(materials.savedTar)
  const left = (await readdir(directory)).filter((name) => name.endsWith('.tmp'))
  await rm(materials.savedTar)
  if (left.length > 0) throw new Error(`beside what was saved there is ${left}`)
}

const aftermath = (materials: Materials): Readonly<Record<string, Step['after']>> => ({
  import: importWorks(materials),
  load: importWorks(materials),
  pull: pullWorks(materials),
  commit: commitWorks(materials),
  'create with volumes': volumeIsWhole,
})

/** Node dies at calls of its own main thread, whatever its other threads are at. */
export const nodeSteps = (materials: Materials): readonly Step[] => {
  const by = (name: string) => scenes(materials).find((scene) => scene.name === name) as Scene
  const itself = { watched: async (actor: Actor) => actor.pid, victim: 'node', codes: dead } as const
  const saveScene: Scene = {
    name: 'save',
    prepare: async (actor) => {
      await noImages(actor)
      await actor.do('import', materials.rootTar)
    },
    act: (actor) => actor.do('save', { name: 'crash:1', path: materials.savedTar }),
  }
  return [
    { ...saveScene, ...itself, name: 'node itself: save', after: saveWorks(materials) },
    { ...by('pull'), ...itself, name: 'node itself: pull', after: pullWorks(materials) },
    { ...by('commit'), ...itself, name: 'node itself: commit', after: commitWorks(materials) },
  ]
}

/** The supervisor dies; Node dies while the supervisor is at that call. */
export const ownedSteps = (materials: Materials): readonly Step[] =>
  scenes(materials).flatMap((scene) => {
    const after = aftermath(materials)[scene.name]
    const supervisor = { ...scene, name: `supervisor: ${scene.name}`, codes: lost, after }
    // To close is over for Node before the supervisor begins with it.
    if (scene.name === 'close') return [supervisor]
    return [supervisor, { ...scene, name: `node: ${scene.name}`, victim: 'node' as const, codes: dead, after }]
  })

const spawnFailures = ['ERR_CREATE_FAILED', 'ERR_START_FAILED', 'ERR_EXEC_SPAWN', 'ERR_NATIVE']

const childOf = async (pid: number): Promise<number> => {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ')
  return Number(children[0])
}

// The one that the next container gets: the oldest.
const parkedOf = async (supervisor: number): Promise<number> => {
  const children = (await readFile(`/proc/${supervisor}/task/${supervisor}/children`, 'utf8')).trim().split(' ')
  const parked = children.find(isParkedInit)
  if (!parked) throw new Error('no child is parked')
  return Number(parked)
}

/** Init, the program, an exec's processes and workers die. */
export const childSteps = (materials: Materials): readonly Step[] => {
  const by = (name: string) => scenes(materials).find((scene) => scene.name === name) as Scene
  const [createScene, startScene, execScene, volumeScene] = ['create', 'start', 'exec', 'create with volumes'].map(by)
  const [importScene, loadScene, pullScene, commitScene] = ['import', 'load', 'pull', 'commit'].map(by) as [
    Scene,
    Scene,
    Scene,
    Scene,
  ]
  if (!createScene || !startScene || !execScene || !volumeScene) throw new Error('scenes are missing')
  const child = (name: string, scene: Scene, path: string, codes: readonly string[]): Step => ({
    ...scene,
    name,
    prepare: quietly(scene.prepare),
    path,
    codes,
  })
  const parked: Step = {
    ...createScene,
    name: '',
    prepare: quiet,
    watched: (_, supervisor) => parkedOf(supervisor),
    codes: spawnFailures,
  }
  return [
    { ...parked, name: 'init: create' },
    { ...parked, name: 'program: create', watched: async (_, supervisor) => childOf(await parkedOf(supervisor)) },
    { ...startScene, name: 'init: start', watched: initOf, codes: spawnFailures },
    {
      ...startScene,
      name: 'program: start',
      watched: async (actor) => childOf(await initOf(actor)),
      codes: spawnFailures,
    },
    // As root, who clones it is the supervisor.
    child('exec: exec', execScene, '0', [...spawnFailures, 'ERR_EXEC_FAILED', 'ERR_EXEC_SIGNAL']),
    { ...execScene, name: 'init: exec', watched: initOf, codes: [...spawnFailures, 'ERR_EXEC_FAILED'] },
    { ...child('worker: create with volumes', volumeScene, '0', workFailures), after: volumeIsWhole },
    child('worker: import', importScene, '0', workFailures),
    child('publisher: import', importScene, '1', workFailures),
    child('worker: load', loadScene, '0', workFailures),
    child('second worker: load', loadScene, '1', workFailures),
    { ...child('worker: pull', pullScene, '0', workFailures), after: pullWorks(materials) },
    { ...child('packer: commit', commitScene, '0', workFailures), after: commitWorks(materials) },
    { ...child('unpacker: commit', commitScene, '1', workFailures), after: commitWorks(materials) },
  ]
}

const detached = { ...box, detached: true } as const

// Whatever a create had come to: what is there can be used, what is not can be made.
const livesOn = async (actor: Actor) => {
  const { state } = await actor.do('get', 'box')
  if (state === 'created' || state === 'stopped') await actor.do('start', 'box')
  const said = await actor.do('exec', { name: 'box', script: 'echo alive' })
  if (said !== 'alive\n') throw new Error(`exec said ${said}`)
  await actor.do('stop', 'box')
  await actor.do('remove', 'box')
}

const ifItExists = async (actor: Actor) => {
  if ((await actor.do('names')).includes('box')) await livesOn(actor)
}

/** Containers that have a monitor: it dies, its container's init does, the supervisor does. */
export const detachedSteps = (): readonly Step[] => {
  const runDetached = (actor: Actor) => actor.do('run', detached)
  const createDetached = (actor: Actor) => actor.do('create', detached)
  const make = { prepare: quiet, act: createDetached }
  const start = { prepare: createDetached, act: (actor: Actor) => actor.do('start', 'box') }
  const exec = { prepare: runDetached, act: (actor: Actor) => actor.do('exec', { name: 'box', script: 'echo hi' }) }
  const stop = { prepare: runDetached, act: (actor: Actor) => actor.do('stop', 'box') }
  const remove = { prepare: runDetached, act: (actor: Actor) => actor.do('remove', 'box') }
  const monitor = { watched: monitorOf, codes: lost, after: ifItExists }
  return [
    { ...make, name: 'supervisor: create detached', codes: lost, after: ifItExists },
    { ...make, name: 'monitor: create detached', path: '0.0', codes: lost, after: ifItExists },
    { ...make, name: 'init: create detached', path: '0.0.0', codes: spawnFailures, after: ifItExists },
    {
      ...make,
      name: 'node: create detached',
      victim: 'node',
      outlives: true,
      path: '0.0',
      codes: dead,
      after: ifItExists,
    },
    { ...start, ...monitor, name: 'monitor: start detached' },
    { ...exec, ...monitor, name: 'monitor: exec detached' },
    { ...stop, ...monitor, name: 'monitor: stop detached' },
    { ...remove, ...monitor, name: 'monitor: remove detached' },
    { ...stop, name: 'supervisor: stop detached', codes: lost, after: ifItExists },
  ]
}
