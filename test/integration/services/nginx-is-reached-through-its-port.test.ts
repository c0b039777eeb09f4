// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Container, type ContainerOptions, Network } from '../../../src/index.js'
import { has } from '../../support/needs.js'
import { seenFrom } from '../../support/network-peers.js'
import { slow } from '../../support/slow.js'
import { runNginx, useServices } from './debian-services.js'

const host = useServices()
const run = promisify(execFile)

// It says whom it sees.
const site = `events {} pid /tmp/nginx.pid; http { access_log off; server { listen 80; listen [::]:80; location / { return 200 "$remote_addr\\n"; } } }`
const outside = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === 'IPv4' && !address.internal)?.address

let network: Network
let nginx: Container
const portOn = (address: string) => nginx.ports.find((port) => port.address === address)?.host ?? 0
const gateway = (mark: string) => network.subnets.find(({ subnet }) => subnet.includes(mark))?.gateway ?? ''
const own = (mark: string, places: Awaited<ReturnType<Container['inspect']>>['networks']) =>
  places[0]?.addresses.find((address) => address.includes(mark)) ?? ''

/** What curl gets there; its exit status where it gets nothing: 7 refused, 28 too late. */
const curl = (address: string, port: number): Promise<string> =>
  run('curl', ['-gsS', '--noproxy', '*', '--max-time', '2', `http://${address}:${port}/`]).then(
    ({ stdout }) => stdout.trim(),
    ({ code }) => `curl ${code}`,
  )

// The addresses on which anybody listens on that port, and on the others of nginx's: what ss shows, from its own source.
const listening = async (port: number): Promise<readonly string[]> => {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8')))
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return tables
    .flatMap((text) => [...text.matchAll(/: ([0-9A-F]+):([0-9A-F]{4}) \S+:0000 0A /g)])
    .filter(([, , at]) => at === hex)
    .map(([, address]) => address ?? '')
}

describe('nginx on a network', () => {
  beforeAll(async () => {
    network = await Network.create({ engine: host.engine, name: 'site', ipv6: true })
    nginx = await runNginx(host, {
      name: 'nginx',
      network,
      files: [{ path: '/etc/nginx/nginx.conf', content: site }],
      ports: ['127.0.0.1::80', '[::1]::80', '0.0.0.0::80'],
    } as ContainerOptions)
  }, 120_000 * slow)
  afterAll(async () => {
    await nginx?.remove({ force: true })
    await network?.remove()
  })

  test('serves to curl on the host, over IPv4 and IPv6', async () => {
    // Ports that are forwarded by a process come from the container's own address, as they do without root.
    const forwarded = own('.', (await nginx.inspect()).networks)
    expect(await curl('127.0.0.1', portOn('127.0.0.1'))).toBe(has('root') ? gateway('.') : forwarded)
    expect(await curl('[::1]', portOn('::1'))).toBe(forwarded)
    if (outside) expect(await curl(outside, portOn('0.0.0.0'))).toBe(has('root') ? outside : forwarded)
  })

  test('listens on no address of the host that nobody asked for', async () => {
    expect(await curl('[::1]', portOn('127.0.0.1'))).toBe('curl 7')
    expect(await curl('[::1]', portOn('0.0.0.0'))).toBe('curl 7')
    if (outside) expect(await curl(outside, portOn('127.0.0.1'))).toBe('curl 7')
    for (const address of await listening(portOn('127.0.0.1'))) expect(address).toBe('0100007F')
    for (const address of await listening(portOn('::1'))) expect(address).toBe('00000000000000000000000001000000')
  })

  test('serves to containers of its network, by name, and sees who they are', async () => {
    await using client = await host.idle({ network })
    const places = (await client.inspect()).networks
    const nginxAt = (await nginx.inspect()).networks
    const ask = async (address: string, port = 80) =>
      (await client.sh(`curl -gsS --max-time 2 http://${address}:${port}/ || echo curl $?`)).stdout.trim()
    expect(await ask(own('.', nginxAt))).toBe(own('.', places))
    expect(await ask(`[${own(':', nginxAt)}]`)).toBe(own(':', places))
    expect([own('.', places), own(':', places)]).toContain(await ask('nginx'))
    if (!has('root')) return
    expect(await ask(gateway('.'), portOn('0.0.0.0'))).toBe(gateway('.'))
    expect(await ask(gateway('.'), portOn('127.0.0.1'))).toBe('curl 7')
  })

  test('serves to nobody of another network', async () => {
    const other = await Network.create({ engine: host.engine, ipv6: true })
    try {
      await using stranger = await host.idle({ network: other })
      const addresses = (await nginx.inspect()).networks.flatMap((place) => place.addresses)
      const places = [...addresses.map((address) => [address, 80] as const), [gateway('.'), portOn('0.0.0.0')] as const]
      const seen = await Promise.all(places.map(([address, port]) => seenFrom(stranger, address, port)))
      expect(seen).toEqual(places.map(() => 'refused'))
    } finally {
      await other.remove()
    }
  })
})
