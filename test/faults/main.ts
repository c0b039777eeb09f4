// SPDX-License-Identifier: Apache-2.0
// Something goes wrong at every step: npm run test:faults [-- --operation X,Y] [--fault enospc,eio] [--from n] [--to m] [--sample k] [--call NAME] [--record]
import { parseArgs } from 'node:util'
import { memory } from '../crash/world.js'
import { faults } from './fault-kinds.js'
import { makeGround } from './ground.js'
import { operations } from './operations.js'
import { record } from './record.js'
import { stepsOf, walk } from './walk.js'

const text = { type: 'string' } as const
const options = {
  operation: text,
  fault: text,
  from: text,
  to: text,
  sample: text,
  call: text,
  record: { type: 'boolean' },
} as const
const { values } = parseArgs({ options })
const numbers = Object.entries({ from: values.from, to: values.to, sample: values.sample }).filter(([, value]) => value)
const choice = stepsOf(Object.fromEntries(numbers.map(([name, value]) => [name, Number(value)])))

const chosen = (list: string | undefined, name: string) => list === undefined || list.split(',').includes(name)

const { ground, materials, remove } = await makeGround(process.env.TSC_TEST_ROOT ?? memory())
const started = performance.now()
let bad = 0
try {
  for (const operation of operations(materials).filter(({ name }) => chosen(values.operation, name))) {
    for (const given of faults.filter(({ name }) => chosen(values.fault, name))) {
      if (given.name === operation.without) continue
      const fault = values.call === undefined ? given : { ...given, order: { ...given.order, only: values.call } }
      const begun = performance.now()
      const walked = await walk(ground, operation, fault, choice)
      const seconds = ((performance.now() - begun) / 1000).toFixed(1)
      const { steps, places, points, failed, wrongs } = walked
      console.log(
        `${wrongs.length === 0 ? 'ok ' : 'BAD'} ${operation.name}, ${fault.name}: ${points} points of ${steps} steps (${places} places), ${failed} failed, ${seconds} s`,
      )
      for (const line of wrongs) console.log(`      ${line}`)
      if (wrongs.length > 0) bad++
      if (values.record) await record(operation.name, fault.name, walked)
    }
  }
} finally {
  await remove()
}
console.log(`${bad} walks were bad, ${((performance.now() - started) / 1000).toFixed(0)} s`)
process.exitCode = bad > 0 ? 1 : 0
