// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { memory } from '../../crash/world.js'
import { seededChoice, stepsOf } from '../../faults/choice.js'
import { type Fault, faults } from '../../faults/fault-kinds.js'
import { type MadeGround, makeGround } from '../../faults/ground.js'
import { type Operation, operations } from '../../faults/operations.js'
import { walk } from '../../faults/walk.js'
import { walkerNamed } from '../../faults/walker.js'
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
  ['import', 'node: enospc-lasting'],
  ['pull', 'node: kill-self'],
] as const
const pointsEach = 2
const stepsOfEach = 4

// Where something was wrong once: a container whose root lay below the host's; a start that nobody heard of; a name that stayed taken; a running
// container that was killed, since whether it was kept up could not be asked; one that was put away, since its name could not be read; a
// supervisor that listened and could hear nobody; a container that was never told to start; a child that could not say that it is ready; one that
// outlived its supervisor, and kept the lock; a directory that seemed empty, since it could not be read.
const once = [
  ['create', 'enomem', 'pivot_root'],
  ['start', 'enomem', 'epoll_ctl'],
  ['create', 'enospc-lasting', 'fsmount'],
  ['open', 'emfile', 'socket'],
  ['open', 'eio', 'readlinkat'],
  ['open', 'emfile', 'epoll_create1'],
  ['start', 'enomem', 'send'],
  ['create', 'enomem', 'sendmsg', 10],
  ['open', 'kill-self', 'pidfd_send_signal'],
  ['files', 'eio', 'readdir'],
] as const

let made: MadeGround | undefined

describe('whatever goes wrong at whichever step', () => {
  beforeAll(async () => {
    if (has('root')) made = await makeGround(walkerNamed('root'), process.env.TSC_TEST_ROOT ?? memory())
  })

  afterAll(async () => {
    await made?.remove()
  })

  const chosenFor = (operationName: string, faultName: string) => {
    const { ground, materials } = made as MadeGround
    const operation = operations(materials, walkerNamed('root')).find(({ name }) => name === operationName) as Operation
    const fault = faults.find(({ name }) => name === faultName) as Fault
    return { ground, operation, fault }
  }

  for (const [operationName, faultName, only, to = stepsOfEach] of once) {
    testNeeding('root')(`${operationName}, ${faultName} at each ${only}`, async () => {
      const { ground, operation, fault } = chosenFor(operationName, faultName)
      const narrow = { ...fault, order: { ...fault.order, only } }
      // What is made ahead has come to that step already, now and then.
      let struck = 0
      for (let attempt = 0; struck === 0 && attempt < 5; attempt++) {
        const { wrongs, points } = await walk(ground, operation, narrow, stepsOf({ to }))
        expect(wrongs).toEqual([])
        struck = points
      }
      expect(struck).toBeGreaterThan(0)
    })
  }

  for (const [operationName, faultName] of chosen) {
    testNeeding('root')(
      `${operationName}, ${faultName} (seed ${seed}): a typed error, nothing is lost, nothing is left`,
      async () => {
        const { ground, operation, fault } = chosenFor(operationName, faultName)
        const { wrongs } = await walk(ground, operation, fault, seededChoice(`${seed} ${operationName}`, pointsEach))
        expect(wrongs).toEqual([])
      },
    )
  }
})
