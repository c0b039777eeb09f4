// SPDX-License-Identifier: Apache-2.0
// Something goes wrong at every step: npm run test:faults [-- --operation X,Y] [--fault enospc,eio] [--ways] [--from n] [--to m] [--sample k] [--call NAME]
// [--record]
import { parseArgs } from 'node:util'
import { memory } from '../crash/world.js'
import { eachWay, stepsOf } from './choice.js'
import { faults } from './fault-kinds.js'
import { faulty, makeGround } from './ground.js'
import { operations } from './operations.js'
import { record } from './record.js'
import { StruckWays } from './struck-ways.js'
import { walk } from './walk.js'

const text = { type: 'string' } as const
const options = {
  operation: text,
  fault: text,
  from: text,
  to: text,
  sample: text,
  call: text,
  ways: { type: 'boolean' },
  record: { type: 'boolean' },
} as const
const { values } = parseArgs({ options })
const numbers = Object.entries({ from: values.from, to: values.to, sample: values.sample }).filter(([, value]) => value)
const choice = values.ways
  ? eachWay
  : stepsOf(Object.fromEntries(numbers.map(([name, value]) => [name, Number(value)])))

const chosen = (list: string | undefined, name: string) => list === undefined || list.split(',').includes(name)

const { ground, materials, remove } = await makeGround(process.env.TSC_TEST_ROOT ?? memory())
const known = { supervisor: StruckWays.of(faulty, 'root'), node: StruckWays.of(ground.world.program, 'root') }
const started = performance.now()
let bad = 0
try {
  for (const operation of operations(materials).filter(({ name }) => chosen(values.operation, name))) {
    for (const given of faults.filter(({ name }) => chosen(values.fault, name))) {
      if (given.name === operation.without) continue
      const fault = values.call === undefined ? given : { ...given, order: { ...given.order, only: values.call } }
      const begun = performance.now()
      const struckWays = fault.inNode ? known.node : known.supervisor
      const hear = (wrong: string) => console.log(`      ${wrong}`)
      const walked = await walk(ground, operation, fault, choice, { struckWays, hear })
      const seconds = ((performance.now() - begun) / 1000).toFixed(1)
      const { steps, ways, points, failed, wrongs } = walked
      console.log(
        `${wrongs.length === 0 ? 'ok ' : 'BAD'} ${operation.name}, ${fault.name}: ${points} points of ${steps} steps, ${walked.struckWays} of ${ways} ways, ${failed} failed, ${seconds} s`,
      )
      if (wrongs.length > 0) bad++
      if (values.record) record('root', operation.name, fault.name, walked)
    }
  }
} finally {
  await remove()
}
console.log(`${bad} walks were bad, ${((performance.now() - started) / 1000).toFixed(0)} s`)
process.exitCode = bad > 0 ? 1 : 0
