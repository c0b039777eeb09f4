// SPDX-License-Identifier: Apache-2.0
import { alternate } from '../alternate.js'
import type { Outcome, Scenario } from '../scenario.js'
import { timed } from '../timed.js'
import type { Workbench } from '../workbench.js'
import { oneLife } from './life.js'

const total = 40
const atATime = 8

async function manyLives(bench: Workbench): Promise<void> {
  let left = total
  const worker = async (): Promise<void> => {
    while (left-- > 0) await oneLife(bench)
  }
  await Promise.all(Array.from({ length: atATime }, worker))
}

export const parallel: Scenario = {
  name: 'parallel',
  run: async (bench): Promise<Outcome> => {
    const ours = { name: 'ours', run: () => timed(() => manyLives(bench)) }
    const peers = bench.peers.map((peer) => ({ ...bench.peer(peer, peer.life, total, atATime), slow: true }))
    const others = [...bench.floors('parallel', total, atATime), ...peers]
    const measured = await alternate(ours, others, { rounds: 8, repeat: 1 })
    return { scenario: 'parallel', title: `${total} lives, ${atATime} at a time`, unit: 'ms', ...measured }
  },
}
