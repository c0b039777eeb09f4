// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Container, type ContainerOptions, Network } from '../../../src/index.js'
import { useNeighbour } from '../../support/host-beside.js'
import { testNeeding } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'

const neighbour = useNeighbour('names', '10.223.0')
const host = useTestEngine()
const answer = '203.0.113.9'

// A name server that notes every question, and answers each of them with that address.
const nameServer = (address: string, notes: string): readonly string[] => [
  'perl',
  '-MIO::Socket::INET',
  '-e',
  `$| = 1; my $s = IO::Socket::INET->new(LocalAddr => "${address}", LocalPort => 53, Proto => "udp") or die;
   print "listening\\n";
   while ($s->recv(my $q, 4096)) {
     my ($name, $at) = ("", 12);
     while (my $n = ord substr $q, $at, 1) { $name .= substr($q, $at + 1, $n) . "."; $at += $n + 1 }
     open my $f, ">>", "${notes}"; print $f "$name\\n"; close $f;
     my $a = unpack("n", substr $q, $at + 1, 2) == 1;
     my $head = substr($q, 0, 2) . pack("n5", 0x8180, 1, $a, 0, 0) . substr($q, 12, $at - 7);
     $s->send($head . ($a ? pack("n3 N n C4", 0xc00c, 1, 1, 60, 4, split /\\./, "${answer}") : "")) }`,
]

const lookUp = async (box: Container, name: string): Promise<string> => {
  const { stdout } = await box.exec(['getent', 'ahostsv4', name], { check: false })
  return stdout.split(' ')[0] ?? ''
}

testNeeding('root')(
  'no question leaves an internal network, whoever asks and however it got there (CVE-2024-29018)',
  async () => {
    const { engine } = host
    const notes = join(host.directory, 'questions')
    await writeFile(notes, '')
    const asked = async () => (await readFile(notes, 'utf8')).split('\n').filter(Boolean)
    expect(await neighbour.serve(...nameServer(neighbour.address, notes))).toContain('listening')
    const inner = await Network.create({ engine, name: 'inner', internal: true })
    const outer = await Network.create({ engine, name: 'outer' })
    try {
      const idle = (options: ContainerOptions) => host.idle({ dns: [neighbour.address], ...options })
      await using inside = await idle({ name: 'inside', network: inner })
      await using outside = await idle({ network: outer })
      await using both = await idle({ network: ['inner', 'outer'] })
      expect(await lookUp(outside, 'allowed.example.org')).toBe(answer)
      expect(await lookUp(both, 'both.example.org')).toBe(answer)
      expect(await lookUp(inside, 'secret.example.org')).toBe('')
      // Whoever leaves the last network that leads out asks nobody any more, and whoever joins one does.
      await outer.disconnect(both)
      expect(await lookUp(both, 'moved.example.org')).toBe('')
      expect(await lookUp(both, 'inside')).not.toBe('')
      await both.restart()
      expect(await lookUp(both, 'again.example.org')).toBe('')
      await outer.connect(inside)
      expect(await lookUp(inside, 'joined.example.org')).toBe(answer)
      expect(new Set(await asked())).toEqual(
        new Set(['allowed', 'both', 'joined'].map((name) => `${name}.example.org.`)),
      )
      // Nor straight to the name server, by a socket of one's own.
      await using alone = await idle({ network: 'inner' })
      const script = `use IO::Socket::INET; my $s = IO::Socket::INET->new(PeerAddr => "${neighbour.address}", PeerPort => 53, Proto => "udp") or exit;
      $s->send("\\0\\1\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0\\6direct\\0\\0\\1\\0\\1"); alarm 1; $s->recv(my $a, 512); print "answered"`
      expect((await alone.exec(['perl', '-e', script], { check: false })).stdout).toBe('')
      expect(await asked()).not.toContain('direct.')
    } finally {
      await inner.remove()
      await outer.remove()
    }
  },
)

test('nobody takes the names of the host or of localhost from others', async () => {
  const network = await Network.create({ engine: host.engine, name: 'squatted' })
  try {
    const aliases = ['localhost', 'host.containers.internal', 'host.docker.internal']
    await using squatter = await host.idle({ network: [{ network: 'squatted', aliases }] })
    await using other = await host.idle({ network })
    const [local, ...hosts] = await Promise.all(aliases.map((name) => lookUp(other, name)))
    expect(local).toBe('127.0.0.1')
    // The gateway's address, or without root that which the way out gives the host.
    expect(new Set(hosts).size).toBe(1)
    expect(hosts).not.toContain(await lookUp(other, squatter.name))
    expect((await squatter.inspect()).networks).toHaveLength(1)
  } finally {
    await network.remove()
  }
})

test.each<readonly [string, ContainerOptions]>([
  ['hostname', { hostname: 'a\n192.0.2.1 deb.debian.org' }],
  ['hostname', { hostname: 'a b' }],
  ['hostname', { hostname: '../etc' }],
  ['hostname', { hostname: 'x'.repeat(64) }],
  ['extraHosts', { extraHosts: { 'a\n192.0.2.1 b': '192.0.2.2' } }],
  ['extraHosts', { extraHosts: { 'a b': '192.0.2.2' } }],
  ['extraHosts.a', { extraHosts: { a: '192.0.2.2 b\n192.0.2.3' } }],
  ['dns', { network: 'bridge', dns: ['192.0.2.1\nsearch evil.example'] }],
  ['network.aliases', { network: { network: 'bridge', aliases: ['a\nb'] } }],
  ['network.aliases', { network: { network: 'bridge', aliases: ['a'.repeat(64)] } }],
  ['network', { network: 'a\nb' }],
  ['name', { name: 'a\n192.0.2.1 b' }],
])('%s that says more than one name is refused: %o', async (option, options) => {
  await expect(host.create(options)).rejects.toMatchObject({
    code: 'ERR_INVALID_ARGUMENT',
    option: expect.stringContaining(option),
  })
})
