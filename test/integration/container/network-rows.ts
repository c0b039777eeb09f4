// SPDX-License-Identifier: Apache-2.0
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect } from 'vitest'
import type { TestEngine } from '../../support/test-engine.js'
import { inside, type OptionRow, ownNamespace, withBox } from './option-row.js'

const isRoot = process.getuid?.() === 0
const server = `use IO::Socket::INET;
  my $s = IO::Socket::INET->new(LocalAddr => '0.0.0.0', LocalPort => 80, Listen => 5) or die;
  while (my $c = $s->accept) { print $c "hello\\n"; close $c }`

const prohibited = `my $s = IO::Socket::INET->new(PeerAddr => "host.containers.internal:9", Proto => "udp") or die;
  send($s, "x", 0); $SIG{ALRM} = sub { die }; alarm 5; recv($s, my $got, 9, 0); print $!`

const answer = async (port: number): Promise<string> => {
  const chunks: string[] = []
  for await (const chunk of connect(port, '127.0.0.1')) chunks.push(String(chunk))
  return chunks.join('')
}

const leadsInside = (host: TestEngine): Promise<void> =>
  withBox(host, { command: ['perl', '-e', server], ports: [80] }, (box) =>
    expect.poll(() => answer(box.hostPort(80)).catch(() => '')).toBe('hello\n'),
  )

// Only root can be a name server where one is looked for.
async function asksIt(host: TestEngine): Promise<void> {
  const address = '127.0.77.53'
  const lookUp = 'getent hosts asked.example.org; echo $?'
  if (!isRoot) return inside({ network: 'bridge', dns: [address] }, lookUp, '2\n')(host)
  const nameServer = createSocket('udp4').bind(53, address)
  await once(nameServer, 'listening')
  const asked: string[] = []
  nameServer.on('message', (query, from) => {
    asked.push(query.toString('latin1'))
    const refusal = Buffer.from(query)
    refusal.writeUInt16BE(0x8183, 2) // no such name
    nameServer.send(refusal, from.port, from.address)
  })
  await inside({ network: 'bridge', dns: [address] }, lookUp, '2\n')(host)
  expect(asked.join('')).toContain('asked\x07example\x03org')
  nameServer.close()
}

// Bytes that a container takes within two seconds, of one that sends as fast as it can.
async function isHeldBack(host: TestEngine): Promise<void> {
  const sink = `use IO::Socket::INET; use Time::HiRes 'time'; $| = 1;
    my $s = IO::Socket::INET->new(LocalPort => 80, Listen => 5) or die; print "up\\n";
    my $c = $s->accept; my $n = 0; my $end = time + 2;
    while (time < $end && sysread $c, my $b, 65536) { $n += length $b } print "$n\\n"`
  const source = `use IO::Socket::INET; my $c = IO::Socket::INET->new('sink:80') or die; my $x = 'x' x 65536;
    while (syswrite $c, $x) {}`
  await withBox(host, { name: 'sink', network: 'bridge', command: ['perl', '-e', sink] }, async (box) => {
    for await (const { line } of box.logs({ follow: true })) if (line === 'up') break
    const rate = { egress: '256k' }
    await withBox(host, { network: 'bridge', rate, command: ['perl', '-e', source] }, () => box.wait().then(() => {}))
    const lines: string[] = []
    for await (const { line } of box.logs()) lines.push(line)
    expect(Number(lines[1])).toBeGreaterThan(200_000)
    expect(Number(lines[1])).toBeLessThan(1_000_000)
  })
}

/** Options of the network. */
export const networkRows = {
  network: {
    effect: async (host) => {
      const links = "awk -F: 'NR>2 {print $1}' /proc/net/dev | tr -d ' ' | sort"
      await inside({}, links, 'eth0\nlo\n')(host)
      await inside({ network: 'none' }, links, 'lo\n')(host)
      await inside({ network: 'bridge' }, links, 'eth0\nlo\n')(host)
      await inside({ network: 'host' }, 'readlink /proc/self/ns/net', `${await ownNamespace('net')}\n`)(host)
    },
  },
  ports: { effect: leadsInside },
  rate: { effect: isHeldBack },
  links: {
    effect: (host) =>
      withBox(host, { name: 'linked', network: 'bridge' }, async (other) => {
        const { networks } = await other.inspect()
        const options = { network: 'bridge', links: ['linked:database'] }
        const expected = new RegExp(`^${networks[0]?.addresses[0]} `)
        await inside(options, 'getent ahostsv4 database', expected)(host)
      }),
  },
  // The host says "prohibited"; without a policy it says that nobody listens.
  egress: {
    effect: inside(
      { network: 'bridge', egress: { allow: [] } },
      `perl -MIO::Socket::INET -e '${prohibited}'`,
      'No route to host\n',
    ),
  },
  dns: { effect: asksIt },
  dnsSearch: {
    effect: inside(
      { network: 'bridge', dnsSearch: ['a.example', 'b.example'] },
      'grep ^search /etc/resolv.conf',
      'search a.example b.example\n',
    ),
  },
  dnsOptions: {
    effect: inside(
      { network: 'bridge', dnsOptions: ['timeout:1', 'ndots:2'] },
      'grep ^options /etc/resolv.conf',
      'options timeout:1 ndots:2\n',
    ),
  },
  proxy: {
    effect: async (host) => {
      const proxies = 'env | grep -i proxy | sort'
      const before = { ...process.env }
      process.env.https_proxy = 'http://proxy.test:3128'
      process.env.NO_PROXY = 'localhost'
      try {
        await inside({}, `${proxies} | wc -l`, '0\n')(host)
        const handedOn = 'HTTPS_PROXY=http://proxy.test:3128\nNO_PROXY=localhost\n'
        const lower = 'https_proxy=http://proxy.test:3128\nno_proxy=localhost\n'
        await inside({ proxy: true }, `env | grep -E '^(HTTPS|NO)_PROXY' | sort`, handedOn)(host)
        await inside({ proxy: true }, `env | grep -E '^(https|no)_proxy' | sort`, lower)(host)
        const own = { proxy: { http: 'http://own.test:1', no: ['a', 'b'] }, env: { http_proxy: 'http://mine.test:2' } }
        await inside(
          own,
          `${proxies} | LC_ALL=C sort`,
          'HTTP_PROXY=http://own.test:1\nNO_PROXY=a,b\nhttp_proxy=http://mine.test:2\nno_proxy=a,b\n',
        )(host)
      } finally {
        for (const name of ['https_proxy', 'NO_PROXY']) delete process.env[name]
        Object.assign(process.env, before)
      }
    },
  },
  extraHosts: {
    effect: async (host) => {
      const extraHosts = { 'db.local': ['10.1.2.3', '10.1.2.4'], outside: 'host-gateway' }
      const script = 'grep -c db.local /etc/hosts; getent hosts outside host.docker.internal | cut -d" " -f1'
      await inside({ network: 'bridge', extraHosts }, script, /^2\n(\S+)\n\1\n$/)(host)
    },
  },
} as const satisfies Readonly<Record<string, OptionRow>>
