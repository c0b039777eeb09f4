// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { Actor } from '../../crash/actor-process.js'
import { buildSteps } from '../../crash/build-steps.js'
import { buildKillAt } from '../../crash/kill-at.js'
import { type MadeMaterials, makeMaterials } from '../../crash/materials.js'
import { networkSteps } from '../../crash/network-steps.js'
import type { Ring } from '../../crash/round.js'
import { childSteps, detachedSteps, nodeSteps, ownedSteps } from '../../crash/steps.js'
import { sweep } from '../../crash/sweep.js'
import { detachedUseSteps, useSteps } from '../../crash/use-steps.js'
import { makeWorld, memory, type World } from '../../crash/world.js'
import { has, testNeeding } from '../../support/needs.js'

// A few of what `npm run test:crash` does at every step and every system call.
const chosen = [
  'supervisor: create',
  'node: create',
  'supervisor: create with volumes',
  'node: create with volumes',
  'worker: create with volumes',
  'node: start',
  'supervisor: exec',
  'node: stop',
  'node: load',
  'worker: import',
  'node itself: pull',
  'node itself: save',
  'supervisor: commit',
  'monitor: create detached',
  'monitor: remove detached',
  'supervisor: restart',
  'node: detached exec',
  'node: health detached',
  'monitor: copy in detached',
  'node: connect',
  'supervisor: publish',
  'supervisor: build, pull',
  'worker: build, copy',
  'supervisor: build, run',
  'node: build, run',
  'node itself: build, stages',
  'node itself: build, tag',
]
const kills = 3

let world: World | undefined
let ring: Ring | undefined
let materials: MadeMaterials | undefined

describe('whoever is killed, nothing is left and everything goes on', () => {
  beforeAll(async () => {
    if (!has('root')) return
    world = await makeWorld(process.env.TSC_TEST_ROOT ?? memory())
    materials = await makeMaterials(world.directory)
    ring = { tool: await buildKillAt(world.directory), world, actor: await Actor.start(world) }
    await ring.actor.do('image')
    await ring.actor.do('close')
  })

  afterAll(async () => {
    await ring?.actor.end()
    await materials?.stop()
    await world?.remove()
  })

  for (const name of chosen) {
    testNeeding('root')(name, async () => {
      const made = materials as MadeMaterials
      const lives = [...ownedSteps(made), ...childSteps(made), ...nodeSteps(made), ...detachedSteps()]
      const steps = [...lives, ...useSteps(made), ...detachedUseSteps(made), ...networkSteps(), ...buildSteps(made)]
      const step = steps.find((candidate) => candidate.name === name)
      const { kills: killed, wrongs } = await sweep(ring as Ring, step as NonNullable<typeof step>, {
        kills,
        ends: false,
      })
      expect(wrongs).toEqual([])
      expect(killed).toBeGreaterThan(0)
    })
  }
})
