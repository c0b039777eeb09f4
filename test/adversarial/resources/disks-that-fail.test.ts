// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { Actor } from '../../crash/actor-process.js'
import { type MadeMaterials, makeMaterials } from '../../crash/materials.js'
import { makeWorld, type World } from '../../crash/world.js'
import { type Operation, operations } from '../../faults/operations.js'
import { walkerNamed } from '../../faults/walker.js'
import { has, testNeeding } from '../../support/needs.js'
import { scratchBase } from '../../support/test-engine.js'
import { diskInMemory, diskThatBreaks, type SmallDisk } from './disk.js'

const writing = ['create with volumes', 'write stopped', 'import', 'pull', 'commit', 'build', 'network create']

let directory: string
let materials: MadeMaterials | undefined

beforeAll(async () => {
  if (!has('root')) return
  directory = await mkdtemp(join(scratchBase(), 'tsc-disks-'))
  materials = await makeMaterials(directory, { data: 1 })
})
afterAll(async () => {
  await materials?.stop()
  if (materials) await rm(directory, { recursive: true, force: true })
})

interface Opened {
  readonly disk: SmallDisk
  readonly world: World
  readonly actor: Actor
}

// The store and the run directory, with what was promised, on that disk.
const openedOn = async (disk: SmallDisk): Promise<Opened> => {
  const world = await makeWorld(disk.path)
  const actor = await Actor.start(world)
  await actor.do('image')
  await actor.do('promise', (materials as MadeMaterials).rootTar)
  return { disk, world, actor }
}

const closed = async ({ actor, world, disk }: Opened): Promise<void> => {
  await actor.do('removeAll')
  await actor.end()
  await world.remove()
  await disk.remove()
}

const clear = async (actor: Actor): Promise<void> => {
  await actor.do('clear')
  await actor.do('removeImages')
}

describe('a full disk', () => {
  let opened: Opened | undefined
  beforeAll(async () => {
    if (has('root')) opened = await openedOn(await diskInMemory(join(directory, 'full'), 48))
  })
  afterAll(async () => {
    if (opened) await closed(opened)
  })

  for (const name of writing) {
    testNeeding('root')(
      `${name}: fails with an error that says so, or not at all; with room again it succeeds`,
      async () => {
        const { actor, disk } = opened as Opened
        const { prepare, act, proof } = operations(materials as MadeMaterials, walkerNamed('root')).find(
          (operation) => operation.name === name,
        ) as Operation
        await prepare?.(actor)
        await disk.fill()
        const failure = await actor.failure('info').then(() =>
          act(actor).then(
            () => undefined,
            (error) => error.code,
          ),
        )
        await disk.empty()
        expect([undefined, 'ERR_RESOURCE_EXHAUSTED']).toContain(failure)
        expect(await actor.do('broken', { whole: true })).toEqual([])
        await clear(actor)
        await prepare?.(actor)
        await act(actor)
        await proof?.(actor)
        await clear(actor)
      },
    )
  }
})

describe('a disk that breaks', () => {
  testNeeding('loop devices')('an image that cannot be written is not there, and nothing hangs', async () => {
    const opened = await openedOn(await diskThatBreaks(join(directory, 'breaks'), 24))
    const { actor, disk } = opened
    await disk.fill()
    const failure = await actor.failure('import', (materials as MadeMaterials).rootTar)
    expect(failure?.code).toMatch(/^ERR_/)
    await disk.empty()
    await actor.do('open')
    expect(await actor.do('images')).toEqual(['promised:1'])
    await closed(opened)
  })
})
