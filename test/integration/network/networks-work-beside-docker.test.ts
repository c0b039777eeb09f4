// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { type Container, Network } from '../../../src/index.js'
import { type DockerDaemon, startDockerDaemon } from '../../support/docker-daemon.js'
import { has, testNeeding } from '../../support/needs.js'
import { type Neighbour, startNeighbour } from '../../support/neighbour.js'
import { seenFrom, seenFromHost, whoServer } from '../../support/network-peers.js'
import { useTestEngine } from '../../support/test-engine.js'

const engine = useTestEngine()
const asRoot = testNeeding('root')
const run = promisify(execFile)
const rules = async () => (await run('iptables-nft', ['-S'])).stdout
const ours = async () => (await rules()).split('\n').filter((line) => line.includes('tscontainer-'))
const speaker = (port: number) =>
  `my $s = IO::Socket::IP->new(PeerHost => $ARGV[0], PeerPort => ${port}, Timeout => 2) or die; print <$s>`

let daemon: DockerDaemon | undefined
let outside: Neighbour
let dockerSide: Neighbour
let server: Container
let peer: Container
let network: Network
let untouched: string

describe('beside a Docker daemon that drops what is forwarded', () => {
  beforeAll(async () => {
    if (!has('root')) return
    outside = await startNeighbour({
      link: 'tscout0',
      address: '10.232.0.2/24',
      hostAddress: '10.232.0.1/24',
      gateway: '10.232.0.1',
    })
    await outside.serve(whoServer(81))
    network = await Network.create({ name: 'first', engine: engine.engine })
    const ports = ['0.0.0.0::80/tcp']
    server = await engine.run({ name: 'server', command: whoServer(80, '0.0.0.0'), network, ports })
    peer = await engine.idle({ name: 'peer', network })
    for await (const { line } of server.logs({ follow: true })) if (line.includes('listening')) break
    daemon = await startDockerDaemon(engine.directory)
    await daemon.docker('network', 'create', '--subnet', '10.233.0.0/24', 'theirs')
    untouched = (await rules())
      .split('\n')
      .filter((line) => !line.includes('tscontainer-'))
      .join('\n')
    const bridge = `br-${(await daemon.docker('network', 'inspect', '--format', '{{.Id}}', 'theirs')).slice(0, 12)}`
    dockerSide = await startNeighbour({ link: 'tscout1', address: '10.233.0.9/24', bridge, gateway: '10.233.0.1' })
    await dockerSide.serve(whoServer(82))
  })
  afterAll(async () => {
    await dockerSide?.end()
    await outside?.end()
    await daemon?.end()
  })

  asRoot('members of a network that was there before reach each other, and what is outside', async () => {
    await expect.poll(ours).toContainEqual(expect.stringMatching(/^-A DOCKER-USER .*-j tscontainer-/))
    expect(await seenFrom(peer, 'server', 80)).toMatch(/^\d/)
    expect(await seenFrom(peer, '10.232.0.2', 81)).toBe('10.232.0.1')
  })

  asRoot('those of one that is made later do, too', async () => {
    const second = await Network.create({ name: 'second', engine: engine.engine })
    const late = await engine.idle({ name: 'late', network: second })
    expect(await seenFrom(late, '10.232.0.2', 81)).toBe('10.232.0.1')
    await late.remove({ force: true })
    await second.remove()
    expect(await seenFrom(peer, '10.232.0.2', 81)).toBe('10.232.0.1')
  })

  asRoot('published ports are reached, from the host and from outside', async () => {
    const port = server.hostPort(80)
    expect(await seenFromHost('10.232.0.1', port)).toBe('10.232.0.1')
    const said = await outside.exec(['perl', '-MIO::Socket::IP', '-e', speaker(port), '10.232.0.1'])
    expect(said.replace('::ffff:', '')).toBe('10.232.0.2')
  })

  asRoot('what Docker keeps from others stays so', async () => {
    expect(await seenFromHost('10.233.0.9', 82)).toBe('10.233.0.1')
    expect(await seenFrom(peer, '10.233.0.9', 82)).toBe('refused')
  })

  asRoot('a rule of ours that somebody takes away comes back', async () => {
    for (const argv of [['-F', 'DOCKER-USER'], ['-F']]) {
      await run('iptables-nft', argv)
      await expect.poll(ours).toContainEqual(expect.stringMatching(/^-A DOCKER-USER .*-j tscontainer-/))
      await expect.poll(async () => (await ours()).length).toBeGreaterThan(4)
    }
    await run('iptables-nft', ['-A', 'DOCKER-USER', '-j', 'RETURN'])
    await run('iptables-nft', ['-A', 'FORWARD', '-j', 'DOCKER-USER'])
    expect(await seenFrom(peer, '10.232.0.2', 81)).toBe('10.232.0.1')
  })

  asRoot('nothing is left with the last network, and nothing else was changed', async () => {
    for (const container of [server, peer]) await container.remove({ force: true })
    await network.remove()
    await expect.poll(ours).toEqual([])
    const left = (await rules()).split('\n')
    for (const line of untouched.split('\n').filter((rule) => rule.startsWith('-N') || rule.startsWith('-P')))
      expect(left).toContain(line)
  })
})
