// SPDX-License-Identifier: Apache-2.0
// npm run bench [-- --json] [--only life,exec] [--no-peers] [--directory DIR]
import { cpus, loadavg, release } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { output } from './peers/command.js'
import { outcomeText } from './report.js'
import type { Outcome, Scenario } from './scenario.js'
import { builds } from './scenarios/build.js'
import { compose } from './scenarios/compose.js'
import { context } from './scenarios/context.js'
import { copy } from './scenarios/copy.js'
import { dial } from './scenarios/dial.js'
import { exec } from './scenarios/exec.js'
import { idleMemory } from './scenarios/idle-memory.js'
import { life, lifeAfterIdleness, lifeOnABridge } from './scenarios/life.js'
import { network } from './scenarios/network.js'
import { ociRuntimes } from './scenarios/oci-runtime.js'
import { parallel } from './scenarios/parallel.js'
import { portLatency, portThroughput } from './scenarios/port.js'
import { pull } from './scenarios/pull.js'
import { stdout } from './scenarios/stdout.js'
import { unpack } from './scenarios/unpack.js'
import { Workbench } from './workbench.js'

const scenarios: readonly Scenario[] = [
  ...[
    life,
    lifeAfterIdleness,
    lifeOnABridge,
    exec,
    dial,
    parallel,
    stdout,
    idleMemory,
    pull,
    unpack,
    context,
    ...builds,
    copy,
  ],
  ...[network, portThroughput, portLatency, compose],
  ...ociRuntimes,
]

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    'no-peers': { type: 'boolean', default: false },
    directory: { type: 'string' },
    native: { type: 'string', default: fileURLToPath(new URL('../build/Release', import.meta.url)) },
  },
})

// Whoever needs three processes where the floor needs one waits longer for a processor that others use.
const warnIfBusy = (load: number): void => {
  if (load > cpus().length / 2)
    console.error(`This machine is busy (load ${load.toFixed(1)}): expect worse ratios than it can show.\n`)
}

async function main(): Promise<void> {
  const load = loadavg()[0] ?? 0
  warnIfBusy(load)
  const chosen = values.only?.split(',') ?? scenarios.map(({ name }) => name)
  const bench = await Workbench.open({
    nativeDirectory: values.native,
    withPeers: !values['no-peers'],
    parent: values.directory,
  })
  if (bench.disk.remark) console.error(`${bench.disk.remark}.\n`)
  const outcomes: Outcome[] = []
  try {
    for (const { name, needs, run } of scenarios) {
      if (!chosen.includes(name) && !chosen.includes(name.split(':')[0] ?? name)) continue
      if (needs && (await output(needs, '--version')) === undefined) continue
      const outcome = await run(bench)
      outcomes.push(outcome)
      if (!values.json) process.stdout.write(`${outcomeText(outcome)}\n\n`)
    }
  } finally {
    await bench.close()
  }
  const machine = { kernel: release(), processors: cpus().length, node: process.version, load, disk: bench.disk.remark }
  if (values.json)
    process.stdout.write(`${JSON.stringify({ machine, missing: bench.missingPeers, outcomes }, null, 2)}\n`)
  else if (bench.missingPeers.length > 0)
    process.stdout.write(`Not installed or not running: ${bench.missingPeers.join(', ')}\n`)
}

await main()
