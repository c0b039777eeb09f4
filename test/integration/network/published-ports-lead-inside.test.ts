// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { beforeAll, describe, expect } from 'vitest'
import type { Container } from '../../../src/index.js'
import { has, testNeeding } from '../../support/needs.js'
import { seenFrom, seenFromHost, whoServer } from '../../support/network-peers.js'
import { useTestEngine } from '../../support/test-engine.js'
import { attach, useTestNetworks } from '../../support/test-networks.js'

const engine = useTestEngine()
const networks = useTestNetworks(engine)
const asRoot = testNeeding('root')

const forwarding = () => readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim()
const before = forwarding()
const outside = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === 'IPv4' && !address.internal)?.address

let network: string
let server: Container
let peer: Container

const tcp = (hostAddress: string, hostPort: number) => ({
  hostAddress,
  hostPort,
  containerPort: 80,
  protocol: 'tcp' as const,
})
const place = (last: number) => [{ network, addresses: [`10.214.0.${last}`], defaultRoute: true }]
const portsOf = async (container: Container) => {
  const { result } = await networks.connection.request('inspect', { container: container.id })
  return result.ports ?? []
}

describe('a published port', () => {
  beforeAll(async () => {
    if (!has('root')) return
    // All are `none` by their options: the engine's own network, which is there from its first use on, would have the host route.
    const subnets = [{ subnet: '10.214.0.0/24', gateway: '10.214.0.1' }]
    network = await networks.ensure({ bridge: 'tsctest3', subnets })
    attach('server', { networks: place(2), ports: [tcp('127.0.0.1', 0), tcp('0.0.0.0', 0)] })
    attach('peer', { networks: place(3) })
    server = await engine.run({ name: 'server', command: whoServer(80, '0.0.0.0'), network: 'none' })
    peer = await engine.idle({ name: 'peer', network: 'none' })
    for await (const { line } of server.logs({ follow: true })) if (line.includes('listening')) break
  })

  asRoot('is a free one where none is named, and leads to the container', async () => {
    const [local, everywhere] = await portsOf(server)
    expect(local?.hostPort).toBeGreaterThan(1023)
    expect(await seenFromHost('127.0.0.1', local?.hostPort ?? 0)).toBe('10.214.0.1')
    expect(await seenFromHost('127.0.0.1', everywhere?.hostPort ?? 0)).toBe('10.214.0.1')
  })

  asRoot('of 127.0.0.1 is no one else’s, one of everywhere is also the neighbours’', async () => {
    const [local, everywhere] = await portsOf(server)
    expect(await seenFrom(peer, '10.214.0.1', local?.hostPort ?? 0)).toBe('refused')
    expect(await seenFrom(peer, '10.214.0.1', everywhere?.hostPort ?? 0)).toBe('10.214.0.1')
    if (!outside) return
    expect(await seenFromHost(outside, local?.hostPort ?? 0)).toBe('refused')
    expect(await seenFromHost(outside, everywhere?.hostPort ?? 0)).toBe(outside)
  })

  asRoot('that somebody has is refused, a process of the host or a container', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    for (const hostPort of [port, (await portsOf(server))[0]?.hostPort ?? 0]) {
      attach('late', { networks: place(4), ports: [tcp('127.0.0.1', hostPort)] })
      await expect(engine.run({ name: 'late', command: ['true'], network: 'none' })).rejects.toMatchObject({
        errno: 'EADDRINUSE',
      })
    }
    taken.close()
    await once(taken, 'close')
    attach('late', { networks: place(4), ports: [tcp('127.0.0.1', port)] })
    const late = await engine.create({ name: 'late', command: ['true'], network: 'none' })
    await expect(once(createServer().listen(port, '127.0.0.1'), 'listening')).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
    await late.remove({ force: true })
    const free = createServer().listen(port, '127.0.0.1')
    await once(free, 'listening')
    free.close()
  })

  asRoot('needs a network that leads out', async () => {
    attach('nowhere', { networks: [], ports: [tcp('127.0.0.1', 0)] })
    await expect(engine.run({ name: 'nowhere', command: ['true'], network: 'none' })).rejects.toMatchObject({
      errno: 'ENETUNREACH',
    })
  })

  asRoot('lets the host route, as long as there is a network', async () => {
    expect(forwarding()).toBe('1')
    for (const container of [server, peer]) await container.remove({ force: true })
    await networks.remove(network)
    expect(forwarding()).toBe(before)
  })
})
