// SPDX-License-Identifier: Apache-2.0
// Builds what the bench compares with, and runs bench/run.ts. Arguments are passed on (--json).
import { bin, run, script } from './lib/run.mjs'
import { setup } from './setup.mjs'

await script(() => {
  const print = console.log
  if (process.argv.includes('--json')) console.log = console.error
  setup({ tests: true })
  console.log = print
  const [node, tsx] = bin('tsx/dist/cli.mjs')
  return run(node, [tsx, 'bench/run.ts', ...process.argv.slice(2)])
})
