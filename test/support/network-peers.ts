// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Container } from '../../src/index.js'

/** A command that tells everybody who connects from which address they come; it writes `listening` when it does. */
export const whoServer = (port: number, address = '::'): readonly string[] => [
  'perl',
  '-MIO::Socket::IP',
  '-e',
  `$| = 1; my $server = IO::Socket::IP->new(LocalHost => "${address}", LocalPort => ${port}, Listen => 64, ReuseAddr => 1, V6Only => 0) or die $@;
   print "listening\\n"; while (1) { my $peer = $server->accept or next; print $peer $peer->peerhost; close $peer }`,
]

/** What such a server says to a container: the address that it is seen with; `refused` where nothing answers in time. */
export const seenFrom = async (client: Container, address: string, port: number): Promise<string> => {
  const script = `my $s = IO::Socket::IP->new(PeerHost => "${address}", PeerPort => ${port}, Timeout => 2) or die; print <$s>`
  const { stdout, exitCode } = await client.exec(['perl', '-MIO::Socket::IP', '-e', script], { check: false })
  return exitCode === 0 ? stdout.replace('::ffff:', '') : 'refused'
}

/** The same from here. */
export const seenFromHost = async (host: string, port: number): Promise<string> => {
  const socket = connect({ host, port, timeout: 2000 })
  let said = ''
  socket.on('data', (data) => {
    said += data
  })
  socket.on('timeout', () => socket.destroy(new Error('timeout')))
  try {
    await once(socket, 'close')
  } catch {
    return 'refused'
  }
  return said.replace('::ffff:', '')
}
