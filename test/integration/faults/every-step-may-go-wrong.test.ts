// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { memory } from '../../crash/world.js'
import { type Fault, faults } from '../../faults/fault-kinds.js'
import { type MadeGround, makeGround } from '../../faults/ground.js'
import { type Operation, operations } from '../../faults/operations.js'
import { seededChoice } from '../../faults/seeded-choice.js'
import { walk } from '../../faults/walk.js'
import { has, testNeeding } from '../../support/needs.js'

// A few points of what `npm run test:faults` walks whole. TSC_TEST_SEED chooses others.
const seed = Number(process.env.TSC_TEST_SEED ?? 45)
const chosen = [
  ['create', 'enomem'],
  ['create with volumes', 'enospc-lasting'],
  ['exec', 'kill-self'],
  ['remove', 'eio'],
  ['load', 'kill-supervisor'],
  ['pull', 'enospc'],
  ['commit', 'emfile'],
  ['build', 'eio'],
  ['run with a port', 'eperm'],
  ['stop', 'kill-node'],
] as const
const pointsEach = 2

let made: MadeGround | undefined

describe('whatever goes wrong at whichever step', () => {
  beforeAll(async () => {
    if (has('root')) made = await makeGround(process.env.TSC_TEST_ROOT ?? memory())
  })

  afterAll(async () => {
    await made?.remove()
  })

  for (const [operationName, faultName] of chosen) {
    testNeeding('root')(
      `${operationName}, ${faultName} (seed ${seed}): a typed error, nothing is lost, nothing is left`,
      async () => {
        const { ground, materials } = made as MadeGround
        const operation = operations(materials).find(({ name }) => name === operationName) as Operation
        const fault = faults.find(({ name }) => name === faultName) as Fault
        const { wrongs } = await walk(ground, operation, fault, seededChoice(`${seed} ${operationName}`, pointsEach))
        expect(wrongs).toEqual([])
      },
      60_000,
    )
  }
})
