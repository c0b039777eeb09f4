// SPDX-License-Identifier: Apache-2.0
import { alternate } from '../alternate.js'
import type { Outcome, Scenario } from '../scenario.js'
import { timed } from '../timed.js'

export const exec: Scenario = {
  name: 'exec',
  run: async (bench): Promise<Outcome> => {
    const peers = bench.peers.flatMap((peer) => (peer.box ? [{ peer, box: peer.box }] : []))
    const container = await bench.container('/bin/sleep', '1000')
    await container.start()
    try {
      for (const { peer, box } of peers) await bench.peer(peer, box.start).run()
      const ours = { name: 'ours', run: () => timed(() => container.exec(['/bin/true'])) }
      const others = [...bench.floors('exec'), ...peers.map(({ peer, box }) => bench.peer(peer, box.exec))]
      const measured = await alternate(ours, others, { rounds: 25, repeat: 5 })
      return { scenario: 'exec', title: 'exec /bin/true, its output read', unit: 'ms', ...measured }
    } finally {
      for (const { peer, box } of peers) await bench.peer(peer, box.end).run()
      await container.remove({ force: true })
    }
  },
}
