// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect } from 'vitest'
import { type Container, Network } from '../../../src/index.js'
import { seenFromNeighbour, useNeighbour } from '../../support/host-beside.js'
import { has, testNeeding } from '../../support/needs.js'
import { seenFromHost, whoServer } from '../../support/network-peers.js'
import { useTestEngine } from '../../support/test-engine.js'

// Before the engine's first network: the host is no router yet.
const neighbour = useNeighbour('doors', '10.221.0')
const second = useNeighbour('doors2', '10.221.1')
const host = useTestEngine()
const asRoot = testNeeding('root')
const run = promisify(execFile)
const setting = (path: string) => `/proc/sys/net/ipv4/conf/${path}`

const tables = async () => (await run('nft', ['list', 'tables'])).stdout.match(/(inet|bridge) tscontainer-\S+/g) ?? []

let network: Network
let box: Container
let before: { readonly tables: readonly string[]; readonly routes: boolean }
const address = async () => (await box.inspect()).networks[0]?.addresses.find((a) => a.includes('.')) ?? ''
const portOn = (where: string) => box.ports.find((port) => port.address === where)?.host ?? 0

beforeAll(async () => {
  if (!has('root')) return
  before = {
    tables: await tables(),
    routes: (await readFile('/proc/sys/net/ipv4/ip_forward', 'utf8')).trim() === '1',
  }
  network = await Network.create({ engine: host.engine })
  box = await host.run({
    network,
    command: whoServer(80, '0.0.0.0'),
    ports: ['127.0.0.1::80', '0.0.0.0::80'],
  })
  for await (const { line } of box.logs({ follow: true })) if (line.includes('listening')) break
})
afterAll(async () => {
  await box?.remove({ force: true })
  await network?.remove()
})

asRoot('a port of 127.0.0.1 is not reached by a neighbour that routes there (CVE-2020-8558)', async () => {
  const own = createServer((socket) => socket.end('host')).listen(0, '127.0.0.1')
  await once(own, 'listening')
  const { port } = own.address() as { port: number }
  await neighbour.run('sh', '-c', `echo 1 >${setting('all/route_localnet')}`)
  await neighbour.run('ip', 'route', 'add', '127.0.0.0/8', 'via', neighbour.hostAddress)
  const try127 = (which: number) => seenFromNeighbour(neighbour, '127.0.0.1', which)
  expect(await seenFromHost('127.0.0.1', portOn('127.0.0.1'))).not.toBe('refused')
  expect([await try127(portOn('127.0.0.1')), await try127(port)]).toEqual(['', ''])
  // Other programs let their host route such packets on every link: what is ours stays closed all the same.
  await run('sh', ['-c', `echo 1 >${setting(`${neighbour.link}/route_localnet`)}`])
  expect(await try127(port)).toBe('host')
  expect(await try127(portOn('127.0.0.1'))).toBe('')
  expect(await try127(portOn('0.0.0.0'))).toBe('')
  own.close()
})

asRoot('nor at another address of the host, while one of everywhere is, and sees who comes', async () => {
  const at = (where: string, port: number) => seenFromNeighbour(neighbour, where, port)
  expect(await at(neighbour.hostAddress, portOn('0.0.0.0'))).toBe(neighbour.address)
  expect(await at(neighbour.hostAddress, portOn('127.0.0.1'))).toBe('')
  const [{ gateway = '' } = {}] = network.subnets
  expect(await at(gateway, portOn('127.0.0.1'))).toBe('')
})

asRoot('a container is not reached by its own address', async () => {
  expect(await seenFromHost(await address(), 80)).not.toBe('refused')
  expect(await seenFromNeighbour(neighbour, await address(), 80)).toBe('')
})

asRoot('a host that was no router is none between its neighbours, and one that was stays it', async () => {
  expect(await second.serve(...whoServer(80, '0.0.0.0'))).toContain('listening')
  expect(await seenFromHost(second.address, 80)).toBe(second.hostAddress)
  expect(await seenFromNeighbour(neighbour, second.address, 80)).toBe(before.routes ? neighbour.address : '')
})

asRoot('rules that somebody flushes are put back, and everything is as closed as before', async () => {
  const ours = (await tables()).filter((table) => !before.tables.includes(table))
  expect(ours).toHaveLength(2)
  const listed = async () =>
    (await Promise.all(ours.map((table) => run('nft', ['-s', 'list', 'table', ...table.split(' ')]))))
      .map(({ stdout }) => stdout.replace(/handle \d+|\s+/g, ' '))
      .join()
  const rules = async () => (await listed().catch(() => '')).match(/chain|drop|accept|10\.\d+/g)?.length
  const whole = await rules()
  for (const action of ['flush', 'delete']) {
    for (const table of ours) await run('nft', [action, 'table', ...table.split(' ')])
    await expect.poll(rules).toBe(whole)
    expect(await seenFromNeighbour(neighbour, await address(), 80)).toBe('')
    expect(await seenFromNeighbour(neighbour, '127.0.0.1', portOn('127.0.0.1'))).toBe('')
    expect(await seenFromNeighbour(neighbour, neighbour.hostAddress, portOn('0.0.0.0'))).toBe(neighbour.address)
  }
})
