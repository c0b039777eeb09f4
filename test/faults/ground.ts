// SPDX-License-Identifier: Apache-2.0
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Actor } from '../crash/actor-process.js'
import { type MadeMaterials, makeMaterials } from '../crash/materials.js'
import { monitorNamed } from '../crash/step-parts.js'
import { makeWorld, settle } from '../crash/world.js'
import { FaultFile } from './fault-file.js'
import type { Ground } from './point.js'

/** A ground, with what is needed there. */
export interface MadeGround {
  readonly ground: Ground
  readonly materials: MadeMaterials
  remove(): Promise<void>
}

// The supervisor that is linked with the faults (cmake/faults.cmake).
const faulty = fileURLToPath(new URL('../../build/Release/tscontainer-supervisor-faults', import.meta.url))

/** A world whose supervisors can be made to fail, with what was promised in it. */
export const makeGround = async (base?: string): Promise<MadeGround> => {
  const world = await makeWorld(base)
  // A walk goes on for long, and is one of one program.
  const supervisor = join(world.directory, 'supervisor')
  await copyFile(faulty, supervisor)
  process.env.TSCONTAINER_SUPERVISOR = supervisor
  const materials = await makeMaterials(world.directory, { data: 1 })
  const file = new FaultFile(world.runRoot)
  const actor = await Actor.start(world)
  const pid = await actor.do('open')
  await actor.do('image')
  await actor.do('promise', materials.rootTar)
  // With its monitor its container ends (docs/failure-table.md): that is no step of what is done beside it.
  file.spared = await monitorNamed(actor, 'promised')
  const usual = new Set(await settle(world, { timeoutMs: 500, supervisor: pid }))
  const ground: Ground = { world, file, actor, usual }
  const remove = async () => {
    await ground.actor.do('removeAll')
    await ground.actor.end()
    await materials.stop()
    file.close()
    await world.remove()
  }
  return { ground, materials, remove }
}
