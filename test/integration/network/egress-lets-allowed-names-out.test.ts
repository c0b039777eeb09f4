// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest'
import { type Container, Network } from '../../../src/index.js'
import { addressesSeen, keeper, reaches, refusalsOf } from '../../support/egress-peers.js'
import { useNameServer } from '../../support/name-server.js'
import { has, testNeeding } from '../../support/needs.js'
import { useOutsideHost } from '../../support/outside-host.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const names = useNameServer('127.0.77.54')
const outside = useOutsideHost({
  link: 'tscout1',
  network: '203.0.113',
  hosts: [9, 10, 11],
  ports: [80, 443],
  prefix: 'fd99:113::',
})
const [api = '', other = '', third = ''] = outside.addresses
const asRoot = testNeeding('root')

let network: Network
let box: Container
let refused: string[]

describe('with an egress policy', () => {
  beforeAll(async () => {
    if (!has('root')) return
    names.zone.set('api.test.example', { alias: 'edge.cdn.example' })
    names.zone.set('edge.cdn.example', { addresses: [api] })
    names.zone.set('other.test.example', { addresses: [other] })
    names.zone.set('a.wild.example', { addresses: [third] })
    names.zone.set('wild.example', { addresses: [third] })
    network = await Network.create({
      engine: host.engine,
      name: 'policed',
      ipv6: true,
      egress: { allow: ['api.test.example:443'] },
    })
    box = await host.idle({ name: 'box', network, dns: [names.address] })
    refused = refusalsOf(box)
  })
  beforeEach(() => {
    if (refused) refused.length = 0
  })
  afterAll(async () => {
    await box?.remove({ force: true })
    await network?.remove()
  })

  asRoot('an allowed name is reached on its port, by aliases too, and refused at once on another', async () => {
    expect(await reaches(box, api, 443)).toBe('refused')
    expect(await addressesSeen(box, 'api.test.example')).toEqual([api])
    expect(await reaches(box, 'api.test.example', 443)).toBe('open')
    expect(await reaches(box, api, 80)).toBe('refused')
    await expect.poll(() => refused).toEqual([`${api} 443/tcp`, `${api} 80/tcp (api.test.example)`])
  })

  asRoot('a name that is not allowed is asked of nobody, and told', async () => {
    names.asked.length = 0
    for (const name of ['other.test.example', 'edge.cdn.example', 'x.api.test.example', 'secret.evil.example'])
      expect(await addressesSeen(box, name)).toEqual([])
    expect(names.asked).toEqual([])
    await expect.poll(() => new Set(refused)).toContain('127.0.0.11 53/udp (secret.evil.example)')
  })

  asRoot('it is another one while its containers run: what is no longer allowed ends', async () => {
    await network.update({ egress: { allow: ['api.test.example:443', 'other.test.example', '*.wild.example:80'] } })
    expect(await reaches(box, 'other.test.example', 80)).toBe('open')
    expect(await reaches(box, 'a.wild.example', 80)).toBe('open')
    expect(await addressesSeen(box, 'wild.example')).toEqual([])
    const [kept, ends] = await Promise.all(
      ['api.test.example', 'other.test.example']
        .map((name) => box.exec(keeper(name, 443), { stdin: 'pipe' }))
        .map(async (run) => {
          const lines = run.stdout.lines()[Symbol.asyncIterator]()
          const writer = run.stdin?.getWriter()
          const say = async () => {
            await writer?.write('again\n')
            return (await lines.next()).value
          }
          expect((await lines.next()).value).toBe('kept')
          return { run, say, end: () => writer?.close() }
        }),
    )
    expect(await kept?.say()).toBe('echoed')
    expect(await ends?.say()).toBe('echoed')
    await network.update({ egress: { allow: ['api.test.example:443'] } })
    expect(await kept?.say()).toBe('echoed')
    expect(await ends?.say()).toBe('ended')
    expect(await reaches(box, other, 80)).toBe('refused')
    await Promise.all([kept?.end(), ends?.end()])
    await Promise.allSettled([kept?.run, ends?.run])
  })

  asRoot('a container’s own takes the place of its network’s, and can be taken back', async () => {
    await using own = await host.idle({
      network,
      dns: [names.address],
      egress: { allow: [`${other}:80`, 'fd99:113::/64'] },
    })
    expect(await reaches(own, other, 80)).toBe('open')
    expect(await reaches(own, 'fd99:113::10', 443)).toBe('open')
    expect(await addressesSeen(own, 'api.test.example')).toEqual([])
    await own.update({ egress: { allow: [] } })
    expect(await reaches(own, other, 80)).toBe('refused')
    await own.update({ egress: null })
    expect(await reaches(own, 'api.test.example', 443)).toBe('open')
    expect(await reaches(box, 'fd99:113::10', 443)).toBe('refused')
  })

  asRoot('members of the network are reached as ever, and published ports lead inside', async () => {
    const served = `use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalAddr => '0.0.0.0', LocalPort => 80, Listen => 5) or die;
      while (my $c = $s->accept) { print $c "hello"; close $c }`
    await using server = await host.run({
      name: 'served',
      network,
      command: ['perl', '-e', served],
      ports: ['203.0.113.1:8099:80'],
      egress: { allow: [] },
    })
    await expect.poll(() => reaches(box, 'served', 80)).toBe('open')
    const seen = await fetchOnce('203.0.113.1', server.hostPort(80))
    expect(seen).toBe('hello')
  })

  asRoot('a restart has another address and the same policy', async () => {
    await box.restart()
    expect(await reaches(box, other, 443)).toBe('refused')
    expect(await reaches(box, 'api.test.example', 443)).toBe('open')
  })
})

async function fetchOnce(address: string, port: number): Promise<string> {
  const { connect } = await import('node:net')
  const chunks: string[] = []
  for await (const chunk of connect(port, address)) chunks.push(String(chunk))
  return chunks.join('')
}
