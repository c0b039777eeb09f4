// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { type Container, Network } from '../../../src/index.js'
import { addressesSeen, keeper, reaches, refusalsOf } from '../../support/egress-peers.js'
import { useNameServer } from '../../support/name-server.js'
import { has, testNeeding } from '../../support/needs.js'
import { useOutsideHost } from '../../support/outside-host.js'
import { useTestEngine } from '../../support/test-engine.js'

const run = promisify(execFile)
const host = useTestEngine()
const names = useNameServer('127.0.77.55')
const outside = useOutsideHost({
  link: 'tscout2',
  network: '203.0.113',
  hosts: [9, 10],
  ports: [53, 443],
  prefix: 'fd99:113::',
})
const [api = '', evil = ''] = outside.addresses
const asRoot = testNeeding('root')

let network: Network
let box: Container

// A datagram that nobody answers within a second has not arrived.
const answersDatagram = async (from: Container, address: string, port: number, family = 'INET'): Promise<boolean> => {
  const script = `use IO::Socket::IP; my $s = IO::Socket::IP->new(PeerHost => "${address}", PeerPort => ${port}, Proto => "udp") or exit 1;
    $SIG{ALRM} = sub { exit 1 }; alarm 1; send($s, "x", 0); recv($s, my $got, 10, 0) // exit 1; exit($got eq "x" ? 0 : 1) # ${family}`
  return (await from.exec(['perl', '-e', script], { check: false })).exitCode === 0
}

describe('an egress policy', () => {
  beforeAll(async () => {
    if (!has('root')) return
    names.zone.set('api.example.net', { addresses: [api] })
    network = await Network.create({
      engine: host.engine,
      name: 'tight',
      ipv6: true,
      egress: { allow: ['*.example.net', 'api.example.net:443'] },
    })
    box = await host.idle({ name: 'box', network, dns: [names.address] })
  })
  afterAll(async () => {
    await box?.remove({ force: true })
    await network?.remove()
  })

  asRoot('is not left by asking a name server directly, by UDP, IPv6 or ICMP', async () => {
    const refused = refusalsOf(box)
    expect(await reaches(box, evil, 53)).toBe('refused')
    expect(await answersDatagram(box, evil, 7000)).toBe(false)
    expect(await reaches(box, 'fd99:113::10', 443)).toBe('refused')
    const ping =
      'socket(my $s, 2, 2, 1) or die; send($s, pack("C2n3", 8, 0, 0, 0, 1), 0, pack("Sna4x8", 2, 0, pack("C4", 203, 0, 113, 10)));'
    await box.exec(['perl', '-e', ping], { check: false })
    await expect.poll(() => refused).toContain(`${evil} 0/icmp`)
    expect(refused).toEqual(expect.arrayContaining([`${evil} 53/tcp`, `${evil} 7000/udp`, 'fd99:113::10 443/tcp']))
  })

  asRoot('is not left by names that lead inside: rebinding', async () => {
    const gateway = network.subnets[0]?.gateway ?? ''
    const inward = [
      '127.0.0.1',
      '169.254.169.254',
      '10.1.2.3',
      '192.168.1.1',
      '203.0.113.1',
      gateway,
      '0.0.0.0',
      '100.64.0.1',
    ]
    const six = ['::1', 'fd00::1', 'fe80::1', 'fd99:113::1', '64:ff9b::a00:1']
    names.zone.set('rebind.example.net', { addresses: [...inward, ...six] })
    names.zone.set('mixed.example.net', { addresses: [gateway, api] })
    expect(await addressesSeen(box, 'rebind.example.net')).toEqual([])
    expect(await addressesSeen(box, 'mixed.example.net')).toEqual([api])
    for (const address of ['203.0.113.1', gateway]) expect(await reaches(box, address, 443)).toBe('refused')
  })

  asRoot('lets a name lead inside where an entry of its own says so, and only on that entry’s port', async () => {
    names.zone.set('db.example.net', { addresses: ['203.0.113.1'] })
    await using inner = await host.idle({
      network,
      dns: [names.address],
      egress: { allow: ['db.example.net', '203.0.113.1:5432'] },
    })
    expect(await addressesSeen(inner, 'db.example.net')).toEqual(['203.0.113.1'])
    const refused = refusalsOf(inner)
    await reaches(inner, '203.0.113.1', 5432)
    await reaches(inner, '203.0.113.1', 443)
    await expect.poll(() => new Set(refused)).toEqual(new Set(['203.0.113.1 443/tcp']))
  })

  asRoot('does not take records of other names for those of the one asked for', async () => {
    names.zone.set('short.example.net', { addresses: [api], ttl: 1 })
    expect(await addressesSeen(box, 'short.example.net')).toEqual([api])
    expect(await reaches(box, evil, 443)).toBe('refused')
  })

  asRoot('is not left by another source address', async () => {
    await using spoofer = await host.idle({
      network,
      capabilities: { add: ['NET_ADMIN', 'NET_RAW'] },
      egress: { allow: [] },
    })
    await using free = await host.idle({ network, egress: { allow: [api] } })
    const place = (await free.inspect()).networks[0]
    const own = place?.addresses.find((address) => address.includes('.')) ?? ''
    await free.stop()
    const script = `ip addr add ${own}/16 dev eth0 && perl -MIO::Socket::IP -e 'IO::Socket::IP->new(LocalHost => "${own}", PeerHost => "${api}", PeerPort => 443, Timeout => 2) or exit 3'`
    expect((await spoofer.sh(script, { check: false })).exitCode).toBe(3)
  })

  asRoot('of two networks holds on its own, for names at both', async () => {
    await using second = await Network.create({ engine: host.engine, name: 'second', internal: true })
    await using both = await host.idle({ network: [second, network], dns: [names.address] })
    expect(await reaches(both, 'api.example.net', 443)).toBe('open')
    expect(await reaches(both, evil, 443)).toBe('refused')
    names.asked.length = 0
    expect(await addressesSeen(both, 'tunnel.evil.example')).toEqual([])
    expect(names.asked).toEqual([])
  })

  asRoot('stays when somebody takes the firewall away, and connections with it', async () => {
    const held = box.exec(keeper('api.example.net', 443), { stdin: 'pipe' })
    const lines = held.stdout.lines()[Symbol.asyncIterator]()
    expect((await lines.next()).value).toBe('kept')
    const tables = (await run('nft', ['list', 'tables'])).stdout
      .split('\n')
      .filter((line) => line.includes('tscontainer-'))
    const rules = async () =>
      (await run('nft', ['-s', 'list', 'ruleset'])).stdout.match(/known4|names4|203\.0\.113/g)?.length ?? 0
    const before = await rules()
    for (const table of tables) await run('nft', `delete ${table}`.split(' '))
    await expect.poll(rules).toBe(before)
    expect(await reaches(box, evil, 443)).toBe('refused')
    expect(await reaches(box, api, 443)).toBe('open')
    const writer = held.stdin?.getWriter()
    await writer?.write('again\n')
    expect((await lines.next()).value).toBe('echoed')
    await writer?.close()
    await held
  })

  asRoot('is not its predecessor’s: an address is given on without what it had opened', async () => {
    const address = (await box.inspect()).networks[0]?.addresses.find((text) => text.includes('.')) ?? ''
    await box.remove({ force: true })
    await using heir = await host.idle({
      network: [{ network, ip: address }],
      dns: [names.address],
      egress: { allow: ['other.example.net'] },
    })
    expect(await reaches(heir, api, 443)).toBe('refused')
  })
})
