// SPDX-License-Identifier: Apache-2.0
import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { EngineError, Network } from '../../../src/index.js'
import { addressesSeen, reaches, refusalsOf } from '../../support/egress-peers.js'
import { has, testNeeding } from '../../support/needs.js'
import { slow } from '../../support/slow.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const { allow, none } = { allow: (entry: string) => ({ allow: [entry] }), none: { allow: [] } }

test('nothing leaves, the host’s gateway included; refusals are events', async () => {
  await using network = await Network.create({ engine: host.engine, egress: none })
  const gateway = network.subnets[0]?.gateway ?? ''
  await using box = await host.idle({ network })
  const refused = refusalsOf(box)
  expect(await reaches(box, gateway, 4321)).toBe('refused')
  expect(await addressesSeen(box, 'www.example.org')).toEqual([])
  await expect
    .poll(() => new Set(refused))
    .toEqual(new Set([`${gateway} 4321/tcp`, '127.0.0.11 53/udp (www.example.org)']))
})

// Without one the host has no address but 127.0.0.1, and a container of an ordinary user none to call it by.
testNeeding(has('root') ? 'root' : 'a default route')(
  'the host is reached where an entry says so, and on that port alone',
  async () => {
    const server = createServer((socket) => socket.on('data', (data) => socket.write(data)).on('error', () => {}))
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
    const { port } = server.address() as AddressInfo
    try {
      await using box = await host.idle({ network: 'bridge', egress: { allow: [`host.containers.internal:${port}`] } })
      expect(await reaches(box, 'host.containers.internal', port)).toBe('open')
      const refused = refusalsOf(box)
      expect(await reaches(box, 'host.containers.internal', 4321)).toBe('refused')
      await expect.poll(() => refused).toHaveLength(1)
    } finally {
      server.close()
    }
  },
)

test('a flood of refusals is told of as a few', async () => {
  await using box = await host.idle({ network: 'bridge', egress: none })
  const refused = refusalsOf(box)
  const flood = `use Socket; socket(my $s, AF_INET, SOCK_DGRAM, 0); my $to = pack_sockaddr_in(9, inet_aton("host.containers.internal"));
    for (1..20000) { send($s, "x", 0, $to) }`
  await box.exec(['perl', '-e', flood], { timeoutMs: 60_000 * slow })
  await expect.poll(() => refused.length).toBeGreaterThan(10)
  expect(refused.length).toBeLessThan(60)
})

test('the events are in the journal', async () => {
  await using box = await host.idle({ network: 'bridge', egress: none })
  let cursor: string | undefined
  box.on('running', (event) => {
    cursor = event.cursor
  })
  await box.restart()
  await reaches(box, 'host.containers.internal', 25)
  for await (const event of host.engine.events({ since: cursor, signal: AbortSignal.timeout(10_000 * slow) })) {
    if (event.type !== 'egress') continue
    expect(event.container.id).toBe(box.id)
    expect(event.destination).toMatchObject({ port: 25, protocol: 'tcp' })
    break
  }
})

test.each([
  'https://api.example.com',
  'api.example.com:0',
  'api.example.com:70000',
  'api.example.com:53/icmp',
  '10.0.0.1/8',
  '10.0.0.0/33',
  '[10.0.0.1]:80',
  '2001:db8::1:443x',
  '*',
  'a.*.example',
  'localhost',
  '-a.example',
  '999.1.1.1',
  '',
])('%j is refused before anything exists', async (entry) => {
  const before = (await Network.list({ engine: host.engine })).length
  const refusal = { code: 'ERR_INVALID_ARGUMENT', option: 'egress.allow[0]' }
  await expect(Network.create({ engine: host.engine, egress: allow(entry) })).rejects.toMatchObject(refusal)
  await expect(host.create({ network: 'bridge', egress: allow(entry) })).rejects.toMatchObject(refusal)
  expect(await Network.list({ engine: host.engine })).toHaveLength(before)
})

test('without a network of its own there is nothing that it could hold for', async () => {
  for (const network of ['none', 'host'] as const) {
    const refusal = await host.create({ network, egress: none }).catch((error: unknown) => error)
    expect(EngineError.is(refusal, 'ERR_INVALID_ARGUMENT') && refusal.option).toBe('egress')
  }
})
