// SPDX-License-Identifier: Apache-2.0
// Sets up what is missing and runs examples/quickstart.ts. On a host that cannot run containers: the report, and 3.
import { join } from 'node:path'
import { top } from './lib/paths.mjs'
import { bin, LACKING, run, script } from './lib/run.mjs'
import { setup } from './setup.mjs'

await script(async () => {
  setup()
  const { Engine } = await import(join(top, 'dist/index.js'))
  const report = await Engine.probe()
  if (!report.usable) {
    console.error(String(report))
    return LACKING
  }
  const [node, tsx] = bin('tsx/dist/cli.mjs')
  return run(node, [tsx, 'examples/quickstart.ts', ...process.argv.slice(2)])
})
