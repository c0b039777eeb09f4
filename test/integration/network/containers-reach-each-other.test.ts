// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Container } from '../../../src/index.js'
import { has, testNeeding } from '../../support/needs.js'
import { seenFrom, seenFromHost, whoServer } from '../../support/network-peers.js'
import { useTestEngine } from '../../support/test-engine.js'
import { attach, useTestNetworks } from '../../support/test-networks.js'

const engine = useTestEngine()
const networks = useTestNetworks(engine)

let first: string
let second: string
let server: Container
let peer: Container
let stranger: Container

const place = (network: string, addresses: readonly string[]) => ({
  networks: [{ network, addresses, defaultRoute: true }],
})

describe('a network', () => {
  beforeAll(async () => {
    const ipv6 = { subnet: 'fd5c:7::/64', gateway: 'fd5c:7::1' }
    first = await networks.ensure({
      bridge: 'tsctest0',
      subnets: [{ subnet: '10.213.0.0/24', gateway: '10.213.0.1' }, ipv6],
      ipv6: true,
      mtu: 1400,
      internal: true,
    })
    second = await networks.ensure({
      bridge: 'tsctest1',
      subnets: [{ subnet: '10.213.1.0/24', gateway: '10.213.1.1' }],
      internal: true,
    })
    attach('server', place(first, ['10.213.0.2', 'fd5c:7::2']))
    attach('peer', place(first, ['10.213.0.3', 'fd5c:7::3']))
    attach('stranger', place(second, ['10.213.1.2']))
    server = await engine.run({ name: 'server', command: whoServer(80) })
    peer = await engine.idle({ name: 'peer' })
    stranger = await engine.idle({ name: 'stranger' })
    for await (const { line } of server.logs({ follow: true })) if (line.includes('listening')) break
  })

  test('connects its containers, over IPv4 and IPv6', async () => {
    expect(await seenFrom(peer, '10.213.0.2', 80)).toBe('10.213.0.3')
    expect(await seenFrom(peer, 'fd5c:7::2', 80)).toBe('fd5c:7::3')
  })

  test('gives them one link, with its MTU and a MAC address of the address', async () => {
    const { stdout } = await peer.exec([
      'sh',
      '-c',
      'ls /sys/class/net; cat /sys/class/net/eth0/mtu /sys/class/net/eth0/address',
    ])
    expect(stdout.split(/\s+/).filter(Boolean)).toEqual(['eth0', 'lo', '1400', '02:74:0a:d5:00:03'])
  })

  test('is closed to another one, and has no IPv6 where none was asked for', async () => {
    expect(await seenFrom(stranger, '10.213.0.2', 80)).toBe('refused')
    const { stdout } = await stranger.exec([
      'cat',
      '/proc/sys/net/ipv6/conf/eth0/disable_ipv6',
      '/proc/sys/net/ipv6/conf/eth0/accept_ra',
    ])
    expect(stdout.split('\n').slice(0, 2)).toEqual(['1', '0'])
  })

  test('lets every user of a container listen on low ports', async () => {
    const { stdout } = await peer.exec(['cat', '/proc/sys/net/ipv4/ip_unprivileged_port_start'])
    expect(stdout.trim()).toBe('0')
  })

  test('is not removed while somebody is on it, and refuses what does not fit', async () => {
    await expect(networks.remove(first)).rejects.toMatchObject({ errno: 'EBUSY' })
    const subnets = [{ subnet: '10.213.0.128/25', gateway: '10.213.0.129' }]
    await expect(networks.ensure({ bridge: 'tsctest2', subnets })).rejects.toMatchObject({ errno: 'EADDRINUSE' })
    const fresh = [{ subnet: '10.213.9.0/24', gateway: '10.213.9.1' }]
    await expect(networks.ensure({ bridge: 'tsctest0', subnets: fresh })).rejects.toMatchObject({ errno: 'EEXIST' })
    await expect(networks.ensure({ bridge: 'lo', subnets: fresh, internal: true })).rejects.toMatchObject({
      errno: 'EEXIST',
    })
    await expect(networks.ensure({ bridge: 'a/../b', subnets: fresh })).rejects.toMatchObject({ errno: 'EINVAL' })
  })

  test.each([
    ['outside of the subnet', '10.213.1.9', 'ERANGE'],
    ['of the gateway', '10.213.0.1', 'EADDRNOTAVAIL'],
    ['of everybody', '10.213.0.255', 'EADDRNOTAVAIL'],
    ['of another container', '10.213.0.3', 'EADDRINUSE'],
  ])('gives nobody an address %s', async (_what, address, errno) => {
    attach('wrong', place(first, [address]))
    await expect(engine.run({ name: 'wrong', command: ['true'] })).rejects.toMatchObject({ errno })
    expect(await seenFrom(peer, '10.213.0.2', 80)).toBe('10.213.0.3')
  })

  test('gives an address again as soon as its container has ended', async () => {
    for (let i = 0; i < 5; i++) {
      attach('again', place(first, ['10.213.0.9']))
      const again = await engine.idle({ name: 'again' })
      expect(await seenFrom(again, '10.213.0.2', 80)).toBe('10.213.0.9')
      await again.remove({ force: true })
    }
  })

  testNeeding('root')('is reached by the host', async () => {
    expect(await seenFromHost('10.213.0.2', 80)).toBe('10.213.0.1')
  })

  test('comes and goes with its containers, two hundred times', async () => {
    const ports = () => readFileSync('/proc/net/dev', 'utf8').match(/^ *tv[0-9a-f]{12}:/gm)?.length ?? 0
    const members = has('root') ? 3 : 0
    await expect.poll(ports).toBe(members)
    for (let round = 0; round < 20; round++) {
      await Promise.all(
        Array.from({ length: 10 }, async (_, i) => {
          attach(`cycle${i}`, place(first, [`10.213.0.${20 + i}`, `fd5c:7::${20 + i}`]))
          const container = await engine.create({ name: `cycle${i}`, command: ['true'] })
          await container.remove({ force: true })
        }),
      )
    }
    await expect.poll(ports).toBe(members)
    expect(await seenFrom(peer, '10.213.0.2', 80)).toBe('10.213.0.3')
  })

  test('is gone when it was removed', async () => {
    await stranger.remove({ force: true })
    await networks.remove(second)
    if (has('root')) expect(readFileSync('/proc/net/dev', 'utf8')).not.toContain('tsctest1')
    await expect(networks.remove(second)).rejects.toMatchObject({ errno: 'ENOENT' })
    const { result } = await networks.connection.request('network.list', {})
    const bridges = result.networks.map(({ bridge }) => bridge)
    expect(bridges.filter((bridge) => bridge.startsWith('tsctest'))).toEqual(['tsctest0'])
  })
})
