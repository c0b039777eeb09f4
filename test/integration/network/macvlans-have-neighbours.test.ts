// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Container, Network } from '../../../src/index.js'
import { has, testNeeding } from '../../support/needs.js'
import { type Neighbour, startNeighbour } from '../../support/neighbour.js'
import { seenFrom, whoServer } from '../../support/network-peers.js'
import { useTestEngine } from '../../support/test-engine.js'

const engine = useTestEngine()
const asRoot = testNeeding('root')
const options = { driver: 'macvlan', parent: 'tscmac0', subnet: '10.234.0.0/24', ipRange: '10.234.0.128/25' } as const
const create = (more: object = {}) => Network.create({ ...options, engine: engine.engine, ...more })

let neighbour: Neighbour
let network: Network
let server: Container

describe('a macvlan', () => {
  beforeAll(async () => {
    if (!has('root')) return
    neighbour = await startNeighbour({ link: 'tscmac0', address: '10.234.0.1/24' })
    await neighbour.serve(whoServer(81))
    network = await create({ name: 'lan' })
    server = await engine.run({ name: 'server', command: whoServer(80, '0.0.0.0'), network })
    for await (const { line } of server.logs({ follow: true })) if (line.includes('listening')) break
  })
  afterAll(() => neighbour?.end())

  asRoot('makes its members neighbours of a link of the host, with addresses of their range', async () => {
    const peer = await engine.idle({ name: 'peer', network: [{ network, ip: '10.234.0.7' }] })
    expect(await seenFrom(peer, '10.234.0.1', 81)).toBe('10.234.0.7')
    expect(await seenFrom(peer, 'server', 80)).toBe('10.234.0.7')
    const { stdout } = await server.exec(['hostname', '-I'])
    expect(Number(stdout.trim().split('.')[3])).toBeGreaterThan(128)
    const ask = `my $s = IO::Socket::IP->new(PeerHost => $ARGV[0], PeerPort => 80, Timeout => 2) or die; print <$s>`
    expect(await neighbour.exec(['perl', '-MIO::Socket::IP', '-e', ask, stdout.trim()])).toBe('10.234.0.1')
    await network.disconnect(peer)
    expect((await peer.exec(['ls', '/sys/class/net'])).stdout).not.toContain('eth0')
    await network.connect(peer)
    expect(await seenFrom(peer, '10.234.0.1', 81)).toMatch(/^10\.234\.0\./)
    await peer.remove({ force: true })
  })

  asRoot('in private mode keeps them from each other', async () => {
    const apart = await create({ name: 'apart', mode: 'private', subnet: '10.235.0.0/24', ipRange: undefined })
    const target = await engine.run({
      name: 'target',
      command: whoServer(80, '0.0.0.0'),
      network: [{ network: apart, ip: '10.235.0.2' }],
    })
    const peer = await engine.idle({ name: 'lonely', network: apart })
    expect(await seenFrom(peer, '10.235.0.2', 80)).toBe('refused')
    for (const container of [target, peer]) await container.remove({ force: true })
    await apart.remove()
  })

  asRoot('publishes no ports, and needs a link that is there', async () => {
    await expect(engine.create({ name: 'open', network, ports: [80] })).rejects.toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
    })
    await expect(
      create({ name: 'nowhere', parent: 'tscnone0', subnet: '10.236.0.0/24', ipRange: undefined }),
    ).rejects.toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
      object: 'tscnone0',
    })
    await expect(Network.get('nowhere', { engine: engine.engine })).rejects.toMatchObject({
      code: 'ERR_NETWORK_NOT_FOUND',
    })
  })

  asRoot('has no egress policy, and nobody on it has one: nothing of it passes the firewall', async () => {
    const egress = { allow: [] }
    const refusal = { code: 'ERR_INVALID_ARGUMENT', option: 'egress' }
    await expect(create({ name: 'judged', subnet: '10.236.0.0/24', ipRange: undefined, egress })).rejects.toMatchObject(
      refusal,
    )
    await expect(network.update({ egress })).rejects.toMatchObject(refusal)
    await expect(engine.create({ name: 'judged', network, egress })).rejects.toMatchObject(refusal)
    await expect(server.update({ egress })).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
    const bridged = await engine.idle({ name: 'bridged', network: 'bridge', egress })
    await expect(network.connect(bridged)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
    await bridged.remove({ force: true })
  })

  asRoot('is gone when it is removed', async () => {
    await server.remove({ force: true })
    await network.remove()
    await expect(Network.get('lan', { engine: engine.engine })).rejects.toMatchObject({ code: 'ERR_NETWORK_NOT_FOUND' })
  })

  testNeeding('ordinary user')('needs root', async () => {
    await expect(create({ name: 'lan', parent: 'lo' })).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
    await expect(Network.get('lan', { engine: engine.engine })).rejects.toMatchObject({ code: 'ERR_NETWORK_NOT_FOUND' })
  })

  test('is refused where its options do not fit', async () => {
    for (const [more, option] of [
      [{ parent: undefined }, 'parent'],
      [{ subnet: undefined, ipRange: undefined }, 'subnet'],
      [{ internal: true }, 'internal'],
      [{ isolated: true }, 'isolated'],
      [{ ipRange: '10.77.0.0/24' }, 'ipRange'],
      [{ driver: 'bridge' }, 'parent'],
    ] as const)
      await expect(create({ name: 'odd', ...more })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option })
  })
})
