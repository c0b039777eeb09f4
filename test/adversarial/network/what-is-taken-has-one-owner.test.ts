// SPDX-License-Identifier: Apache-2.0

import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Container, Engine, Image, Network } from '../../../src/index.js'
import { seenFrom, whoServer } from '../../support/network-peers.js'
import { emptyAndClose, useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

test('of many who ask for one port at once one has it, also among engines, and the others leave nothing', async () => {
  const directory = join(host.directory, 'other')
  await mkdir(join(directory, 'run'), { recursive: true, mode: 0o700 })
  const other = await Engine.open({ root: join(directory, 'root'), runRoot: join(directory, 'run') })
  try {
    const sides = [
      { engine: host.engine, image: host.image },
      { engine: other, image: await Image.host({ engine: other }) },
    ] as const
    const port = await freePort()
    const one = (index: number) => {
      const { engine, image } = sides[index % 2] as (typeof sides)[number]
      const address = index % 3 === 0 ? '0.0.0.0' : '127.0.0.1'
      return Container.create(image, { engine, idle: true, ports: [{ container: 80, host: port, address }] })
    }
    const made = await Promise.allSettled(Array.from({ length: 12 }, (_, index) => one(index)))
    const codes = made.map((result) => (result.status === 'fulfilled' ? 'had' : result.reason.code))
    expect(codes.filter((code) => code !== 'had')).toEqual(Array.from({ length: 11 }, () => 'ERR_PORT_IN_USE'))
    for (const engine of [host.engine, other])
      for (const box of await Container.list({ engine, all: true })) await box.remove({ force: true })
    const free = createServer().listen(port, '0.0.0.0')
    await once(free, 'listening')
    free.close()
  } finally {
    await emptyAndClose(other, join(directory, 'run'))
  }
})

test('an address whose last owner’s link is kept alive belongs to the next one alone', async () => {
  const network = await Network.create({ engine: host.engine, name: 'again' })
  try {
    const ip = network.subnets[0]?.subnet.replace(/\.0\/\d+$/, '.77') ?? ''
    const serving = async () => {
      const box = await host.run({ network: [{ network, ip }], command: whoServer(80, '0.0.0.0') })
      for await (const { line } of box.logs({ follow: true })) if (line.includes('listening')) break
      return box
    }
    await using client = await host.idle({ network })
    const [own = ''] = (await client.inspect()).networks[0]?.addresses ?? []
    const first = await serving()
    // A socket in its network namespace, which therefore stays when the container has gone.
    const held = await first.dial(80)
    held.on('error', () => {})
    expect(await seenFrom(client, ip, 80)).toBe(own)
    await first.remove({ force: true })
    expect(await seenFrom(client, ip, 80)).toBe('refused')
    const second = await serving()
    expect(await seenFrom(client, ip, 80)).toBe(own)
    held.destroy()
    expect(await seenFrom(client, ip, 80)).toBe(own)
    await second.remove({ force: true })
  } finally {
    await network.remove()
  }
})
