// SPDX-License-Identifier: Apache-2.0
import { alternate } from '../alternate.js'
import type { Outcome, Scenario } from '../scenario.js'
import { timed } from '../timed.js'
import type { Workbench } from '../workbench.js'

type Network = 'none' | 'bridge'

/** create, start, wait, remove. */
export async function oneLife(bench: Workbench, network: Network = 'none'): Promise<void> {
  const container = await bench.containerOn(network, '/bin/true')
  await container.start()
  await container.wait()
  await container.remove()
}

type Turns = Parameters<typeof alternate>[2]

const lifeScenario = (name: string, title: string, { network, ...turns }: Turns & { network?: Network }): Scenario => ({
  name,
  run: async (bench): Promise<Outcome> => {
    const ours = { name: 'ours', run: () => timed(() => oneLife(bench, network)) }
    const peers = bench.peers.map((peer) => bench.peer(peer, peer.life))
    const floors = [...bench.floors('life'), ...(network === 'bridge' ? [bench.linkedFloor('life')] : [])]
    const measured = await alternate(ours, [...floors, ...peers], turns)
    return { scenario: name, title, unit: 'ms', ...measured }
  },
})

export const life = lifeScenario('life', 'create + start + wait + remove', { rounds: 25, repeat: 5 })

export const lifeAfterIdleness = lifeScenario('life-idle', 'the same after 200 ms of idleness', {
  rounds: 15,
  repeat: 1,
  idleMs: 200,
})

export const lifeOnABridge = lifeScenario('life-on-a-bridge', 'the same on a network, with names', {
  network: 'bridge',
  rounds: 25,
  repeat: 5,
})
