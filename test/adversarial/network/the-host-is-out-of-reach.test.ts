// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { type Container, Network } from '../../../src/index.js'
import { sendFrames, udpFrame } from '../../support/frames.js'
import { useNeighbour } from '../../support/host-beside.js'
import { testNeeding } from '../../support/needs.js'
import { seenFrom, whoServer } from '../../support/network-peers.js'
import { useTestEngine } from '../../support/test-engine.js'

const cloud = useNeighbour('cloud', '10.222.0')
const host = useTestEngine()
const run = promisify(execFile)
const raw = { capabilities: { add: ['NET_RAW'] } } as const
const metadata = '169.254.169.254'

const gatewayOf = (network: Network) => network.subnets[0]?.gateway ?? ''
const macOf = (address: string) =>
  `02:74:${address
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join(':')}`

const hearing = async (address: string): Promise<{ socket: Socket; heard: readonly string[]; port: number }> => {
  const socket = createSocket('udp4').bind(0, address)
  await once(socket, 'listening')
  const heard: string[] = []
  socket.on('message', (message) => heard.push(String(message)))
  return { socket, heard, port: socket.address().port }
}

const sendTo = async (box: Container, gateway: string, target: string, port: number, mark: string) => {
  const [place] = (await box.inspect()).networks
  const source = place?.addresses[0] ?? ''
  const ends = { from: place?.mac ?? '', to: macOf(gateway) }
  await box.exec(sendFrames([udpFrame(ends, { source, target, port, mark })]))
}

test('what listens on 127.0.0.1 of the host is not there for containers', async () => {
  const server = createServer((socket) => socket.end('the host')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const network = await Network.create({ engine: host.engine })
  try {
    await using box = await host.idle({ network })
    for (const address of ['127.0.0.1', gatewayOf(network), 'host.containers.internal'])
      expect(await seenFrom(box, address, port)).toBe('refused')
  } finally {
    server.close()
    await network.remove()
  }
})

testNeeding('root')('nor for frames that are sent to it by hand, where a port is published on it', async () => {
  const loopback = await hearing('127.0.0.1')
  const everywhere = await hearing('0.0.0.0')
  const network = await Network.create({ engine: host.engine })
  try {
    const gateway = gatewayOf(network)
    await using box = await host.idle({ network, ports: ['9/udp'], ...raw })
    await sendTo(box, gateway, '127.0.0.1', loopback.port, 'loopback')
    await sendTo(box, gateway, '127.0.0.1', everywhere.port, 'loopback')
    await sendTo(box, gateway, '127.0.0.1', box.hostPort(9, 'udp'), 'loopback')
    await sendTo(box, gateway, gateway, everywhere.port, 'gateway')
    await expect.poll(() => everywhere.heard).toEqual(['gateway'])
    expect(loopback.heard).toEqual([])
  } finally {
    loopback.socket.close()
    everywhere.socket.close()
    await network.remove()
  }
})

testNeeding('root')('an internal network leads to no address of the host, and to no neighbour', async () => {
  const server = createServer((socket) => socket.end('the host')).listen(0, '0.0.0.0')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const inner = await Network.create({ engine: host.engine, internal: true })
  const outer = await Network.create({ engine: host.engine })
  try {
    expect(await cloud.serve(...whoServer(81, '0.0.0.0'))).toContain('listening')
    await using inside = await host.idle({ network: inner })
    await using outside = await host.idle({ network: outer })
    expect(await seenFrom(outside, gatewayOf(outer), port)).toBe('the host')
    expect(await seenFrom(outside, cloud.address, 81)).toBe(cloud.hostAddress)
    for (const address of [gatewayOf(inner), gatewayOf(outer), cloud.hostAddress])
      expect([address, await seenFrom(inside, address, port)]).toEqual([address, 'refused'])
    expect(await seenFrom(inside, cloud.address, 81)).toBe('refused')
  } finally {
    server.close()
    await inner.remove()
    await outer.remove()
  }
})

testNeeding('root')('the address where clouds tell hosts their secrets is for the host alone', async () => {
  const network = await Network.create({ engine: host.engine })
  try {
    await cloud.run('ip', 'address', 'add', `${metadata}/32`, 'dev', 'eth0')
    expect(await cloud.serve(...whoServer(80, metadata))).toContain('listening')
    await run('ip', ['route', 'add', metadata, 'via', cloud.address])
    await using box = await host.idle({ network })
    await using reached = await host.idle({ network: 'host' })
    expect(await seenFrom(reached, metadata, 80)).toBe(cloud.hostAddress)
    expect(await seenFrom(box, metadata, 80)).toBe('refused')
  } finally {
    await run('ip', ['route', 'delete', metadata])
    await network.remove()
  }
})
