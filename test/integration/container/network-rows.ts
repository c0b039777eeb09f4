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

/** Options of the network. */
export const networkRows = {
  network: {
    effect: async (host) => {
      const links = "awk -F: 'NR>2 {print $1}' /proc/net/dev | tr -d ' ' | sort"
      await inside({}, links, 'lo\n')(host)
      await inside({ network: 'bridge' }, links, 'eth0\nlo\n')(host)
      await inside({ network: 'host' }, 'readlink /proc/self/ns/net', `${await ownNamespace('net')}\n`)(host)
    },
  },
  ports: { effect: leadsInside },
  // The host says "prohibited"; without a policy it says that nobody listens.
  egress: {
    effect: inside(
      { network: 'bridge', egress: { allow: [] } },
      `perl -MIO::Socket::INET -e '${prohibited}'`,
      'No route to host\n',
    ),
  },
  dns: { effect: asksIt },
  extraHosts: {
    effect: inside({ extraHosts: { 'db.local': '10.1.2.3' } }, 'getent hosts db.local', /^10\.1\.2\.3\s+db\.local/),
  },
} as const satisfies Readonly<Record<string, OptionRow>>
