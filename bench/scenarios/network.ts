// SPDX-License-Identifier: Apache-2.0
import { type Container, Container as Containers, Image, Network } from '../../src/index.js'
import { UndoStack } from '../../src/util/undo-stack.js'
import { alternate } from '../alternate.js'
import { iperfClient, iperfMilliseconds, iperfServer, mebibytes, runIperf, startServer } from '../iperf.js'
import { plainNetwork } from '../plain-network.js'
import type { Outcome, Scenario } from '../scenario.js'
import type { Workbench } from '../workbench.js'

/** Two containers on one network, the first of which serves iperf3. */
async function pair(
  { engine }: Workbench,
  undo: UndoStack,
): Promise<{ readonly address: string; readonly client: Container }> {
  const image = await Image.host({ engine })
  const network = await Network.create({ engine })
  undo.push('create network', () => network.remove())
  const boxes: Container[] = []
  for (const options of [{ command: iperfServer }, { idle: true }]) {
    const box = await Containers.run(image, { engine, network, ...options })
    undo.push('create container', () => box.remove({ force: true }))
    boxes.push(box)
  }
  const [server, client] = boxes as [Container, Container]
  for await (const { line } of server.logs({ follow: true })) if (line.includes('listening')) break
  return { address: (await server.inspect()).networks[0]?.addresses[0] ?? '', client }
}

/** Two containers send each other as much as two network namespaces on a plain bridge do. Needs root and iperf3. */
export const network: Scenario = {
  name: 'network',
  run: async (bench): Promise<Outcome> => {
    const undo = new UndoStack()
    try {
      const { address, client } = await pair(bench, undo)
      const plain = await plainNetwork(undo)
      await startServer(plain.inside(0, iperfServer), undo)
      const ours = {
        name: 'ours',
        run: async () => iperfMilliseconds((await client.exec(iperfClient(address))).stdout),
      }
      const floor = {
        name: 'two namespaces on a bridge',
        run: () => runIperf(plain.inside(1, iperfClient(plain.addresses[0] ?? ''))),
      }
      const measured = await alternate(ours, [floor], { rounds: 10, repeat: 1 })
      return { scenario: 'network', title: `${mebibytes} MiB between two containers`, unit: 'ms', ...measured }
    } finally {
      await undo.undo()
    }
  },
}
