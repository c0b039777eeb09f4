// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises'
import type { Container } from '../../src/index.js'
import { kernelKb, pssKb, sameProgram } from '../memory.js'
import type { Outcome, Scenario } from '../scenario.js'
import { summarize } from '../summary.js'
import type { Workbench } from '../workbench.js'

const count = 20
// What was made ready for another burst is taken away after five seconds.
const settleMs = 6000

interface Usage {
  readonly ours: number
  readonly kernel: number
  readonly javascript: number
}

async function usage(supervisor: number): Promise<Usage> {
  const sizes = await Promise.all((await sameProgram(supervisor)).map(pssKb))
  return {
    ours: sizes.reduce((sum, size) => sum + size, 0),
    kernel: await kernelKb(),
    javascript: process.memoryUsage().heapUsed / 1024,
  }
}

async function startMany(bench: Workbench, started: Container[]): Promise<void> {
  for (let i = 0; i < count; i++) {
    const container = await bench.container('/bin/sleep', '1000')
    started.push(container)
    await container.start()
  }
}

/** Memory of our processes (supervisor and inits) for each container whose program sleeps; the program's own is not counted. */
export const idleMemory: Scenario = {
  name: 'idle-memory',
  run: async (bench): Promise<Outcome> => {
    const { supervisorPid } = await bench.engine.info()
    const started: Container[] = []
    try {
      await delay(settleMs)
      const before = await usage(supervisorPid)
      await startMany(bench, started)
      await delay(settleMs)
      const after = await usage(supervisorPid)
      const each = (part: keyof Usage): number => (after[part] - before[part]) / count
      return {
        scenario: 'idle-memory',
        title: `user-space memory for each of ${count} idle containers (PSS)`,
        unit: 'kB',
        ours: summarize([each('ours')]),
        comparisons: [],
        details: {
          'kernel, for each': each('kernel'),
          'JavaScript heap, for each': each('javascript'),
          'supervisor alone': before.ours,
        },
      }
    } finally {
      for (const container of started) await container.remove({ force: true })
    }
  },
}
