// SPDX-License-Identifier: Apache-2.0

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Container, type ContainerOptions, Network } from '../../../src/index.js'
import { randomId } from '../../../src/util/random-id.js'
import { slow } from '../../support/slow.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
let blue: Network
let red: Network
let inside: Network
beforeAll(async () => {
  const { engine } = host
  blue = await Network.create({ engine, name: 'blue', ipv6: true })
  red = await Network.create({ engine, name: 'red' })
  inside = await Network.create({ engine, name: 'inside', internal: true })
})
afterAll(async () => {
  for (const network of [blue, red, inside]) await network?.remove()
})

const lookUp = async (box: Container, name: string): Promise<readonly string[]> => {
  const { stdout } = await box.exec(['getent', 'ahosts', name], { check: false })
  const addresses = stdout.split('\n').flatMap((line) => /^(\S+)\s+STREAM/.exec(line)?.[1] ?? [])
  return [...new Set(addresses)].sort()
}
const addressesOf = async (box: Container, network: string): Promise<readonly string[]> => {
  const place = (await box.inspect()).networks.find(({ name }) => name === network)
  return [...(place?.addresses ?? [])].sort()
}
const idle = (options: ContainerOptions) => host.idle(options)

test('by name, alias, host name and id, in the networks of who asks', async () => {
  await using web = await idle({
    name: 'web',
    hostname: 'front',
    network: [{ network: blue, aliases: ['www', 'site'] }],
  })
  await using client = await idle({ network: ['blue', red] })
  await using stranger = await idle({ network: 'red' })
  const addresses = await addressesOf(web, 'blue')
  expect(addresses).toHaveLength(2)
  for (const name of ['web', 'WWW', 'site', 'front', 'web.blue', web.id.slice(0, 12)])
    expect(await lookUp(client, name)).toEqual(addresses)
  expect(await lookUp(stranger, 'web')).toEqual([])
  expect(await lookUp(web, 'nobody')).toEqual([])
  const [v4 = ''] = addresses.filter((address) => address.includes('.'))
  expect((await client.exec(['getent', 'hosts', v4])).stdout).toMatch(/\sweb/)
})

test('a name is gone with its container, and comes back with it', async () => {
  await using client = await idle({ network: 'blue' })
  const box = await idle({ name: 'comes-and-goes', network: 'blue' })
  expect(await lookUp(client, 'comes-and-goes')).toHaveLength(2)
  await box.stop()
  expect(await lookUp(client, 'comes-and-goes')).toEqual([])
  await box.start()
  expect(await lookUp(client, 'comes-and-goes')).toEqual(await addressesOf(box, 'blue'))
  await box.remove({ force: true })
  expect(await lookUp(client, 'comes-and-goes')).toEqual([])
})

test('who shares a name is found under it, one and the other', async () => {
  const network = [{ network: 'blue', aliases: ['crowd'] }]
  await using one = await idle({ network })
  await using other = await idle({ network })
  const all = [...(await addressesOf(one, 'blue')), ...(await addressesOf(other, 'blue'))].sort()
  expect(await lookUp(one, 'crowd')).toEqual(all)
})

test('a given address is had; one that is taken, or of no use, is refused', async () => {
  const [{ subnet = '' } = {}] = blue.subnets
  const at = (last: number) => subnet.replace(/\.0\/24$/, `.${last}`)
  await using box = await idle({ network: [{ network: blue, ip: at(77), mac: '02:42:00:00:00:77' }] })
  const [place] = (await box.inspect()).networks
  expect(place).toMatchObject({ name: 'blue', mac: '02:42:00:00:00:77' })
  expect(place?.addresses).toContain(at(77))
  expect((await box.sh('cat /sys/class/net/eth0/address')).stdout).toBe('02:42:00:00:00:77\n')
  const refused = (ip: string) =>
    host.create({ network: [{ network: blue, ip }] }).then(
      () => 'made',
      ({ code }) => code,
    )
  expect(await refused(at(77))).toBe('ERR_ADDRESS_IN_USE')
  expect(await refused(at(1))).toBe('ERR_INVALID_ARGUMENT')
  expect(await refused(at(255))).toBe('ERR_INVALID_ARGUMENT')
  expect(await refused('192.0.2.1')).toBe('ERR_INVALID_ARGUMENT')
})

test('the host is known by name, and names that are nobody’s do not leave an internal network', async () => {
  await using box = await idle({ network: 'inside' })
  const [{ gateway = '' } = {}] = inside.subnets
  expect(await lookUp(box, 'host.containers.internal')).toEqual([gateway])
  expect((await box.sh('cat /etc/resolv.conf')).stdout).toMatch(/^nameserver 127\.0\.0\.11$/m)
  const began = performance.now()
  expect(await lookUp(box, `${randomId().slice(0, 12)}.example.org`)).toEqual([])
  expect(performance.now() - began).toBeLessThan(2000 * slow)
})

test('a container may have its own name server on every address', async () => {
  await using box = await idle({ network: 'blue' })
  const program = `use IO::Socket::INET; IO::Socket::INET->new(LocalAddr => '0.0.0.0', LocalPort => 53, Proto => $_) or die $! for 'udp', 'tcp'; print "bound"`
  expect((await box.exec(['perl', '-e', program])).stdout).toBe('bound')
})

test('a detached container has its name too, and knows those of others', async () => {
  const box = await idle({ name: 'lasting', detached: true, network: 'blue' })
  try {
    await using client = await idle({ name: 'fleeting', network: 'blue' })
    await expect.poll(() => lookUp(client, 'lasting')).toEqual(await addressesOf(box, 'blue'))
    await expect.poll(() => lookUp(box, 'fleeting')).toEqual(await addressesOf(client, 'blue'))
  } finally {
    await box.remove({ force: true })
  }
})

test('a container is connected while it runs, and disconnected', async () => {
  await using web = await idle({ name: 'late', network: 'blue' })
  await using client = await idle({ network: 'red' })
  expect(await lookUp(client, 'late')).toEqual([])
  await red.connect(web, { aliases: ['tardy'] })
  expect(await addressesOf(web, 'red')).toHaveLength(1)
  expect(await lookUp(client, 'tardy')).toEqual(await addressesOf(web, 'red'))
  await expect(red.connect(web)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  await web.restart()
  expect(await lookUp(client, 'late')).toEqual(await addressesOf(web, 'red'))
  await red.disconnect('late')
  expect(await lookUp(client, 'late')).toEqual([])
  expect((await web.inspect()).networks.map(({ name }) => name)).toEqual(['blue'])
  await expect(red.disconnect(web)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  await using alone = await idle({ network: 'host' })
  await expect(red.connect(alone)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
})
