// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Container } from '../../../src/index.js'
import { has } from '../../support/needs.js'
import { seenFrom, whoServer } from '../../support/network-peers.js'
import { useTestEngine } from '../../support/test-engine.js'
import { attach, useTestNetworks } from '../../support/test-networks.js'

const engine = useTestEngine()
const networks = useTestNetworks(engine)

let first: string
let second: string
let server: Container
let guest: Container

const connect = (container: Container, place: object) =>
  networks.connection.request('network.connect', { container: container.id, place: place as never })
const disconnect = (container: Container, network: string) =>
  networks.connection.request('network.disconnect', { container: container.id, network })
const linksIn = async (container: Container) =>
  (await container.exec(['ls', '/sys/class/net'])).stdout.split('\n').filter((name) => name !== '' && name !== 'lo')
// Of ours, on the host.
const ports = () => readFileSync('/proc/net/dev', 'utf8').match(/^ *tv[0-9a-f]{12}:/gm)?.length ?? 0

describe('a running container', () => {
  beforeAll(async () => {
    const subnet = (n: number) => [{ subnet: `10.216.${n}.0/24`, gateway: `10.216.${n}.1` }]
    first = await networks.ensure({ bridge: 'tsctest5', subnets: subnet(0), internal: true })
    second = await networks.ensure({ bridge: 'tsctest6', subnets: subnet(1), internal: true })
    attach('server', { networks: [{ network: first, addresses: ['10.216.0.2'] }] })
    server = await engine.run({ name: 'server', command: whoServer(80, '0.0.0.0') })
    guest = await engine.idle({ name: 'guest', network: 'none' })
    for await (const { line } of server.logs({ follow: true })) if (line.includes('listening')) break
  })

  test('joins a network, is on several at once, and leaves', async () => {
    expect(await linksIn(guest)).toEqual([])
    await connect(guest, { network: second, addresses: ['10.216.1.3'] })
    await connect(guest, { network: first, addresses: ['10.216.0.3'], interface: 'lan', mac: '02:11:22:33:44:55' })
    expect(await linksIn(guest)).toEqual(['eth0', 'lan'])
    expect((await guest.exec(['cat', '/sys/class/net/lan/address'])).stdout.trim()).toBe('02:11:22:33:44:55')
    expect(await seenFrom(guest, '10.216.0.2', 80)).toBe('10.216.0.3')
    await expect(connect(guest, { network: first, addresses: ['10.216.0.4'] })).rejects.toMatchObject({
      errno: 'EEXIST',
    })
    await disconnect(guest, first)
    expect(await linksIn(guest)).toEqual(['eth0'])
    expect(await seenFrom(guest, '10.216.0.2', 80)).toBe('refused')
    await disconnect(guest, second)
    await expect(disconnect(guest, second)).rejects.toMatchObject({ errno: 'ENOENT' })
  })

  test('finds its places again when it is started again', async () => {
    await connect(guest, { network: first, addresses: ['10.216.0.3'] })
    await guest.stop({ timeoutMs: 0 })
    await guest.start()
    expect(await seenFrom(guest, '10.216.0.2', 80)).toBe('10.216.0.3')
    await disconnect(guest, first)
  })

  test('leaves nothing, two hundred times', async () => {
    const members = has('root') ? 1 : 0
    await expect.poll(ports).toBe(members)
    for (let i = 0; i < 200; i++) {
      await connect(guest, { network: first, addresses: ['10.216.0.3'] })
      await disconnect(guest, first)
    }
    expect(await linksIn(guest)).toEqual([])
    expect(ports()).toBe(members)
  })
})
