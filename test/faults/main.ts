// SPDX-License-Identifier: Apache-2.0
// Something goes wrong at every step: npm run test:faults [-- --operation X,Y] [--fault enospc,eio] [--ways] [--way W] [--from n] [--to m] [--sample k] [--call NAME]
// [--user NAME] [--record]
import { parseArgs } from 'node:util'
import { memory } from '../crash/world.js'
import { eachWay, stepsOf, theWay } from './choice.js'
import { faults } from './fault-kinds.js'
import { makeGround } from './ground.js'
import { operations } from './operations.js'
import { recorder } from './record.js'
import { StruckWays } from './struck-ways.js'
import { walk } from './walk.js'
import { walkerNamed } from './walker.js'

const text = { type: 'string' } as const
const options = {
  operation: text,
  fault: text,
  from: text,
  to: text,
  sample: text,
  call: text,
  way: text,
  user: text,
  ways: { type: 'boolean' },
  record: { type: 'boolean' },
} as const
const { values } = parseArgs({ options })
const numbers = Object.entries({ from: values.from, to: values.to, sample: values.sample }).filter(([, value]) => value)
const range = stepsOf(Object.fromEntries(numbers.map(([name, value]) => [name, Number(value)])))
const choice = values.way ? theWay(Number(values.way)) : values.ways ? eachWay : range

// In the order of the list, where there is one.
const chosen = <T extends { readonly name: string }>(all: readonly T[], list: string | undefined): readonly T[] =>
  list === undefined ? all : list.split(',').flatMap((name) => all.filter((one) => one.name === name))

const walker = walkerNamed(values.user ?? 'root')
const { ground, materials, remove } = await makeGround(walker, process.env.TSC_TEST_ROOT ?? memory())
const known = StruckWays.of(walker.name)
const started = performance.now()
let bad = 0
try {
  for (const given of chosen(faults, values.fault)) {
    for (const operation of chosen(operations(materials, walker), values.operation)) {
      if (given.name === operation.without) continue
      const fault = values.call === undefined ? given : { ...given, order: { ...given.order, only: values.call } }
      const begun = performance.now()
      const struckWays = values.way ? undefined : known
      const hear = (wrong: string) => console.log(`      ${wrong}`)
      const soFar = values.record ? recorder(walker.name, operation.name, fault.name) : () => {}
      const walked = await walk(ground, operation, fault, choice, { struckWays, hear, soFar })
      const seconds = ((performance.now() - begun) / 1000).toFixed(1)
      const { steps, ways, points, failed, wrongs } = walked
      console.log(
        `${wrongs.length === 0 ? 'ok ' : 'BAD'} ${operation.name}, ${fault.name}: ${points} points of ${steps} steps, ${walked.struckWays} of ${ways} ways, ${failed} failed, ${seconds} s`,
      )
      if (wrongs.length > 0) bad++
      soFar(walked)
    }
  }
} finally {
  await remove()
}
console.log(`${bad} walks were bad, ${((performance.now() - started) / 1000).toFixed(0)} s`)
process.exitCode = bad > 0 ? 1 : 0
