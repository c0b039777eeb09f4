// SPDX-License-Identifier: Apache-2.0
import { alternate } from '../alternate.js'
import type { Outcome, Scenario } from '../scenario.js'
import { timed } from '../timed.js'
import type { Workbench } from '../workbench.js'

/** create, start, wait, remove. */
export async function oneLife(bench: Workbench): Promise<void> {
  const container = await bench.container('/bin/true')
  await container.start()
  await container.wait()
  await container.remove()
}

const lifeScenario = (name: string, title: string, turns: Parameters<typeof alternate>[2]): Scenario => ({
  name,
  run: async (bench): Promise<Outcome> => {
    const ours = { name: 'ours', run: () => timed(() => oneLife(bench)) }
    const peers = bench.peers.map((peer) => bench.peer(peer, peer.life))
    const measured = await alternate(ours, [...bench.floors('life'), ...peers], turns)
    return { scenario: name, title, unit: 'ms', ...measured }
  },
})

export const life = lifeScenario('life', 'create + start + wait + remove', { rounds: 25, repeat: 5 })

export const lifeAfterIdleness = lifeScenario('life-idle', 'the same after 200 ms of idleness', {
  rounds: 15,
  repeat: 1,
  idleMs: 200,
})
