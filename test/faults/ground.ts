// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Actor } from '../crash/actor-process.js'
import { type MadeMaterials, makeMaterials } from '../crash/materials.js'
import { makeWorld, settle } from '../crash/world.js'
import { FaultFile } from './fault-file.js'
import type { Ground } from './point.js'
import type { Walker } from './walker.js'

/** A ground, with what is needed there. */
export interface MadeGround {
  readonly ground: Ground
  readonly materials: MadeMaterials
  remove(): Promise<void>
}

/** The supervisor that is linked with the faults (cmake/faults.cmake). */
export const faulty = fileURLToPath(new URL('../../build/Release/tscontainer-supervisor-faults', import.meta.url))

// With one file more, so that what comes of the other tar is not there already.
const otherTar = async (directory: string, tar: string): Promise<string> => {
  const other = join(directory, 'promised.tar')
  await copyFile(tar, other)
  await writeFile(join(directory, 'one-more'), '')
  await promisify(execFile)('tar', ['-C', directory, '-rf', other, 'one-more'])
  return other
}

/** A world whose supervisors can be made to fail, with what was promised in it. */
export const makeGround = async (walker: Walker, base?: string): Promise<MadeGround> => {
  const world = await makeWorld(base, fileURLToPath(new URL('actor.ts', import.meta.url)))
  // A walk goes on for long, and is one of one program.
  const supervisor = join(world.directory, 'supervisor')
  await copyFile(faulty, supervisor)
  process.env.TSCONTAINER_SUPERVISOR = supervisor
  const materials = await makeMaterials(world.directory, { data: 1 })
  const file = new FaultFile(world.runRoot, 'faults')
  const nodeFile = new FaultFile(world.runRoot, 'faults-node')
  const mine = ['faults', 'faults-node'].map((name) => join(world.runRoot, name))
  await walker.own(world.directory, world.runRoot, ...mine)
  const actor = await Actor.start(world, walker.prefix)
  await actor.do('open')
  await actor.do('image')
  await actor.do('promise', await otherTar(world.directory, materials.rootTar))
  // With its monitor its container ends (docs/failure-table.md): that is no step of what is done beside it.
  await actor.do('crash')
  file.begin()
  const pid = await actor.do('open')
  const usual = new Set(await settle(world, { timeoutMs: 500, supervisor: pid }))
  const ground: Ground = { world, prefix: walker.prefix, file, nodeFile, actor, usual }
  const remove = async () => {
    await ground.actor.do('removeAll')
    await ground.actor.end()
    await materials.stop()
    file.close()
    nodeFile.close()
    await world.remove()
  }
  return { ground, materials, remove }
}
