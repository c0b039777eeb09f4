// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { type Container, Network } from '../../../src/index.js'
import {
  arpFrame,
  type Ends,
  neighbourFrame,
  onVlan,
  routerFrame,
  sendFrames,
  udpFrame,
  watchFrames,
} from '../../support/frames.js'
import { linksOf } from '../../support/leak-links.js'
import { testNeeding } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const raw = { capabilities: { add: ['NET_RAW'] } } as const

// The addresses and the hardware address of a container on its only network.
const placeOf = async (box: Container) => {
  const [place] = (await box.inspect()).networks
  const four = place?.addresses.find((address) => address.includes('.')) ?? ''
  const six = place?.addresses.find((address) => address.includes(':')) ?? ''
  return { four, six, mac: place?.mac ?? '' }
}

// The marks of the frames that reach the watcher while the sender sends these.
const arriving = async (sender: Container, watcher: Container, frames: readonly string[]) => {
  const execution = watcher.exec(watchFrames())
  const marks: string[] = []
  for await (const line of execution.stdout.lines()) {
    if (line === 'listening') await sender.exec(sendFrames(frames))
    else marks.push(line)
  }
  await execution
  return marks.filter((mark) => mark !== 'end')
}

const bridges = () => linksOf().filter((name) => name.startsWith('tsc-'))

test('forged ARP, neighbour discovery, router advertisements and sources do not pass', async () => {
  const network = await Network.create({ engine: host.engine, ipv6: true })
  try {
    await using attacker = await host.idle({ network, ...raw })
    await using victim = await host.idle({ network, ...raw })
    const [own, other] = [await placeOf(attacker), await placeOf(victim)]
    const gateway = (family: string) => network.subnets.find((s) => s.subnet.includes(family))?.gateway ?? ''
    const [four, six] = [gateway('.'), gateway(':')]
    const ends: Ends = { from: own.mac, to: other.mac }
    const alien = '02:ba:d0:00:00:01'
    const told = (address: string, mark: string) => ({ source: own.six, target: other.six, address, at: own.mac, mark })
    const datagram = (source: string, mark: string) => udpFrame(ends, { source, target: other.four, mark })
    const forged = [
      arpFrame(ends, { address: four, at: own.mac, mark: '[arp, gateway]' }),
      arpFrame(ends, { address: other.four, at: own.mac, mark: '[arp, victim]' }),
      arpFrame(ends, { address: own.four, at: alien, mark: '[arp, mac]' }),
      arpFrame({ ...ends, from: alien }, { address: own.four, at: own.mac, mark: '[arp, frame]' }),
      onVlan(arpFrame(ends, { address: four, at: own.mac, mark: '[arp, vlan]' })),
      onVlan(onVlan(arpFrame(ends, { address: own.four, at: own.mac, mark: '[arp, vlans]' }))),
      datagram(four, '[source, gateway]'),
      datagram('198.51.100.7', '[source, alien]'),
      udpFrame({ ...ends, from: alien }, { source: own.four, target: other.four, mark: '[source, mac]' }),
      neighbourFrame(ends, told(six, '[answer, gateway]')),
      neighbourFrame(ends, { ...told(six, '[answer, source]'), source: six }),
      neighbourFrame(ends, { ...told(six, '[answer, options]'), behindOptions: true }),
      neighbourFrame(ends, { ...told(other.six, '[question, gateway]'), source: six, asking: true }),
      neighbourFrame({ ...ends, from: alien }, told(own.six, '[answer, mac]')),
      routerFrame({ ...ends, to: '33:33:00:00:00:01' }, { source: 'fe80::1', mark: '[router, alien]' }),
      routerFrame({ ...ends, to: '33:33:00:00:00:01' }, { source: own.six, mark: '[router, own]' }),
      routerFrame(ends, { source: own.six, mark: '[router, options]', behindOptions: true }),
      `${other.mac}${own.mac}88b5`.replaceAll(':', '') + Buffer.from('[other protocol]'.padEnd(46)).toString('hex'),
    ]
    const honest = [
      arpFrame(ends, { address: own.four, at: own.mac, mark: '[own arp]' }),
      datagram(own.four, '[own datagram]'),
      neighbourFrame(ends, told(own.six, '[own answer]')),
      datagram(own.four, '[end]'),
    ]
    expect(await arriving(attacker, victim, [...forged, ...honest])).toEqual(['own arp', 'own datagram', 'own answer'])
  } finally {
    await network.remove()
  }
})

test('where IPv4 alone was asked for there is no IPv6, neither of the kernel’s own nor sent by hand', async () => {
  const before = new Set(bridges())
  const network = await Network.create({ engine: host.engine })
  try {
    await using attacker = await host.idle({ network, ...raw })
    await using victim = await host.idle({ network, ...raw })
    const [own, other] = [await placeOf(attacker), await placeOf(victim)]
    expect(own.six).toBe('')
    expect((await victim.sh('cat /proc/net/if_inet6')).stdout).not.toContain('eth0')
    const [bridge = 'none'] = bridges().filter((name) => !before.has(name))
    expect(readFileSync('/proc/net/if_inet6', 'utf8')).not.toContain(bridge)
    const ends: Ends = { from: own.mac, to: other.mac }
    const local = (mac: string) =>
      `fe80::${mac.slice(0, 2)}${mac.slice(3, 5)}:${mac.slice(6, 8)}ff:fe${mac.slice(9, 11)}:1`
    const told = { target: local(other.mac), address: local(own.mac), at: own.mac }
    const frames = [
      neighbourFrame(ends, { ...told, source: local(own.mac), mark: '[link-local]' }),
      neighbourFrame(ends, { ...told, source: 'fd00::7', mark: '[unique local]' }),
      neighbourFrame(
        { ...ends, to: '33:33:00:00:00:01' },
        { ...told, source: '::', target: 'ff02::1', mark: '[nobody]' },
      ),
      routerFrame({ ...ends, to: '33:33:00:00:00:01' }, { source: local(own.mac), mark: '[router]' }),
      udpFrame(ends, { source: own.four, target: other.four, mark: '[end]' }),
    ]
    expect(await arriving(attacker, victim, frames)).toEqual([])
  } finally {
    await network.remove()
  }
})

testNeeding('root')('a router on the bridge itself makes no addresses and no routes in a container', async () => {
  const before = new Set(bridges())
  const network = await Network.create({ engine: host.engine, ipv6: true })
  try {
    await using box = await host.idle({ network, ...raw })
    const state = async () => (await box.sh('cat /proc/net/if_inet6 /proc/net/ipv6_route')).stdout
    const [bridge = ''] = bridges().filter((name) => !before.has(name))
    const ends: Ends = { from: '02:ba:d0:00:00:01', to: '33:33:00:00:00:01' }
    const frames = [
      routerFrame(ends, { source: 'fe80::bad', mark: '[router]' }),
      routerFrame(ends, { source: 'fe80::bad', mark: '[end]' }),
    ]
    const execution = box.exec(watchFrames())
    const marks: string[] = []
    const [command = '', ...words] = sendFrames(frames, bridge)
    for await (const line of execution.stdout.lines()) {
      if (line === 'listening') await promisify(execFile)(command, words)
      else marks.push(line)
    }
    await execution
    expect(marks).toEqual(['router', 'end'])
    expect(await state()).not.toMatch(/20010db80bad|0bad/)
  } finally {
    await network.remove()
  }
})
