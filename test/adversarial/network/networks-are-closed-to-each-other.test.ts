// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { type Container, Network } from '../../../src/index.js'
import { sendFrames, udpFrame, watchFrames } from '../../support/frames.js'
import { has } from '../../support/needs.js'
import { seenFrom, whoServer } from '../../support/network-peers.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

const addressesOf = async (box: Container) => (await box.inspect()).networks.flatMap(({ addresses }) => addresses)
// All at once: what is dropped is waited for.
const refused = async (client: Container, ...places: readonly (readonly [string, number])[]) => {
  const seen = await Promise.all(
    places.map(async ([address, port]) => [address, port, await seenFrom(client, address, port)]),
  )
  expect(seen).toEqual(places.map(([address, port]) => [address, port, 'refused']))
}

test('containers, their ports and their gateways are out of reach from another network', async () => {
  const { engine } = host
  const red = await Network.create({ engine, ipv6: true })
  const blue = await Network.create({ engine, ipv6: true })
  try {
    await using server = await host.run({
      network: red,
      name: 'server',
      command: whoServer(80),
      ports: ['127.0.0.1::80', ...(has('root') ? ['0.0.0.0::80', '[::]::80'] : [])],
    })
    for await (const { line } of server.logs({ follow: true })) if (line.includes('listening')) break
    await using friend = await host.idle({ network: red })
    await using stranger = await host.idle({ network: blue })
    const own = await addressesOf(server)
    for (const address of own) expect(await seenFrom(friend, address, 80)).not.toBe('refused')
    const gateways = [...red.subnets, ...blue.subnets].map(({ gateway }) => gateway)
    const ports = [80, ...server.ports.map(({ host: port }) => port)]
    await refused(
      stranger,
      ...[...own, 'server'].map((address) => [address, 80] as const),
      ...gateways.flatMap((gateway) => ports.map((port) => [gateway, port] as const)),
    )
  } finally {
    await red.remove()
    await blue.remove()
  }
})

test('also for frames that are sent by hand to the other’s gateway', async () => {
  const { engine } = host
  const red = await Network.create({ engine })
  const blue = await Network.create({ engine })
  try {
    const raw = { capabilities: { add: ['NET_RAW'] } } as const
    await using victim = await host.idle({ network: red, ...raw })
    await using friend = await host.idle({ network: red, ...raw })
    await using attacker = await host.idle({ network: blue, ...raw })
    const [target = ''] = await addressesOf(victim)
    const frame = async (box: Container, to: string, mark: string) => {
      const [place] = (await box.inspect()).networks
      const ends = { from: place?.mac ?? '', to }
      await box.exec(sendFrames([udpFrame(ends, { source: place?.addresses[0] ?? '', target, mark })]))
    }
    const mac = (address = '') =>
      `02:74:${address
        .split('.')
        .map((part) => Number(part).toString(16).padStart(2, '0'))
        .join(':')}`
    const execution = victim.exec(watchFrames())
    const marks: string[] = []
    for await (const line of execution.stdout.lines()) {
      if (line !== 'listening') marks.push(line)
      else {
        await frame(attacker, mac(blue.subnets[0]?.gateway), '[by its own gateway]')
        await frame(attacker, mac(red.subnets[0]?.gateway), '[by the other gateway]')
        await frame(attacker, mac(target), '[straight]')
        await frame(friend, mac(target), '[friend]')
        await frame(friend, mac(target), '[end]')
      }
    }
    await execution
    expect(marks).toEqual(['friend', 'end'])
  } finally {
    await red.remove()
    await blue.remove()
  }
})

test('members of an isolated network do not reach each other, also by a published port', async () => {
  const network = await Network.create({ engine: host.engine, isolated: true })
  try {
    const ports = has('root') ? ['0.0.0.0::80'] : ['80']
    await using server = await host.run({ network, command: whoServer(80, '0.0.0.0'), ports })
    for await (const { line } of server.logs({ follow: true })) if (line.includes('listening')) break
    await using other = await host.idle({ network })
    const [{ gateway = '' } = {}] = network.subnets
    const own = (await addressesOf(server)).map((address) => [address, 80] as const)
    await refused(other, ...own, [gateway, server.hostPort(80)])
  } finally {
    await network.remove()
  }
})
