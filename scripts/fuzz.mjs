// SPDX-License-Identifier: Apache-2.0
// Fuzzing (docs/fuzzing.md): libFuzzer over the C++ parsers, then many more cases of the property and differential tests than the tests run.
//   node scripts/fuzz.mjs [--seconds N] [--jobs N] [--only NAME]… [--record] [--keep]
// NAME: a target of test/fuzz, `properties` or `differential`. --seconds are each one's own. --record adds what was done to the table in
// docs/fuzzing.md. --keep takes small inputs that reach something new into test/fuzz/corpus.
import { parseArgs } from 'node:util'
import { buildTargets, keepInputs, listTargets, runTarget } from './lib/fuzz-native.mjs'
import { record } from './lib/fuzz-record.mjs'
import { runSuite, suiteNames } from './lib/fuzz-suites.mjs'
import { Stop, script } from './lib/run.mjs'
import { setup } from './setup.mjs'

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    jobs: { type: 'string', default: '1' },
    only: { type: 'string', multiple: true, default: [] },
    record: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
})

const positive = (name) => {
  const number = Number(options[name])
  if (!Number.isInteger(number) || number < 1) throw new Stop(`--${name} takes a whole number from 1 on`)
  return number
}

const chosen = (names) => (options.only.length === 0 ? names : names.filter((name) => options.only.includes(name)))

const tell = ({ name, seconds, executions, edges, finds }) => {
  const reached = edges === undefined ? '' : `, ${edges} edges`
  console.log(`${name}: ${executions.toLocaleString('en')} executions in ${seconds} s${reached}, ${finds.length} finds`)
  for (const find of finds) console.log(`  ${find}`)
}

// Several at a time, each begun when another one has ended.
const inTurn = async (names, jobs, work) => {
  const left = [...names]
  const results = []
  const worker = async () => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) results.push(await work(name))
  }
  await Promise.all(Array.from({ length: jobs }, worker))
  return results
}

const runAndTell = (work) => async (name) => {
  const result = await work(name, positive('seconds'))
  tell(result)
  if (options.record) record(result)
  if (options.keep && result.edges !== undefined) keepInputs(name)
  return result
}

await script(async () => {
  const suites = chosen(suiteNames)
  const native = options.only.length > 0 && suites.length === options.only.length ? [] : chosen(buildTargets())
  const unknown = options.only.filter((name) => !suites.includes(name) && !native.includes(name))
  if (unknown.length > 0) throw new Stop(`No such target: ${unknown.join(', ')}. There are ${listTargets().join(', ')}`)
  const results = await inTurn(native, positive('jobs'), runAndTell(runTarget))
  if (suites.includes('differential')) setup({ tests: true })
  results.push(...(await inTurn(suites, 1, runAndTell(runSuite))))
  return results.some(({ finds }) => finds.length > 0) ? 1 : 0
})
