// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { Container } from '../../src/index.js'
import { alternate } from '../alternate.js'
import type { Outcome, Scenario } from '../scenario.js'
import { timed } from '../timed.js'
import type { Workbench } from '../workbench.js'

const blocks = 4096
const blockBytes = 65_536

/** From a container on a bridge to a server of the host, by the kernel as root, by pasta or slirp4netns without; and with the host's network. */
export const wayOut: Scenario = {
  name: 'way-out',
  run: async (bench): Promise<Outcome> => {
    const server = createServer().listen(0, '0.0.0.0')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const send = async (container: Container, host: string): Promise<void> => {
      const arrived = once(server, 'connection').then(([socket]) => drain(socket as Socket))
      const command = `dd if=/dev/zero bs=${blockBytes} count=${blocks} 2>/dev/null | /bin/busybox nc ${host} ${port}`
      await Promise.all([arrived, container.exec(['/bin/sh', '-c', command])])
    }
    const on = async (network: 'bridge' | 'host', host: string) => {
      const container = await sleeper(bench, network)
      return { container, run: () => timed(() => send(container, host)) }
    }
    const ours = await on('bridge', 'host.containers.internal')
    const plain = await on('host', '127.0.0.1')
    try {
      const others = [{ name: "the host's network", run: plain.run }]
      const measured = await alternate({ name: 'ours', run: ours.run }, others, { rounds: 5, repeat: 1 })
      return { scenario: 'way-out', title: '256 MiB from a container to the host', unit: 'ms', ...measured }
    } finally {
      for (const { container } of [ours, plain]) await container.remove({ force: true })
      server.close()
    }
  },
}

async function sleeper(bench: Workbench, network: 'bridge' | 'host'): Promise<Container> {
  const container = await bench.containerOn(network, '/bin/sleep', '1000')
  await container.start()
  return container
}

async function drain(socket: Socket): Promise<void> {
  let bytes = 0
  for await (const chunk of socket) bytes += (chunk as Uint8Array).byteLength
  if (bytes !== blocks * blockBytes) throw new Error(`${bytes} bytes arrived instead of ${blocks * blockBytes}`)
}
